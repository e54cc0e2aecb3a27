namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.Services"/>: a service, or what a host port or a redirect policy stands for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">Who told of it. Always <c>k8s</c>.</param>
/// <param name="PortNames">The ports by name; none for what is no service of its own.</param>
/// <param name="ExternalTrafficPolicy">Which endpoints serve traffic from outside the cluster: Cluster or Local.</param>
/// <param name="InternalTrafficPolicy">Which endpoints serve traffic from inside the cluster: Cluster or Local.</param>
/// <param name="Attributes">What else it says.</param>
public sealed record ServiceRow(
    string Name,
    string Source,
    IReadOnlyDictionary<string, int> PortNames,
    string ExternalTrafficPolicy,
    string InternalTrafficPolicy,
    ServiceAttributes Attributes);
