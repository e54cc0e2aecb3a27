using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.ClusterLocalRedirectPolicies"/>: a clusterwide policy that is accepted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Service">The name of the service that it stands for.</param>
/// <param name="Priority">Its priority; the bigger comes first.</param>
/// <param name="Frontends">The addresses that it redirects now, for some clients at least.</param>
/// <param name="Ranges">The ranges that it redirects now, for some clients at least.</param>
/// <param name="BackendNamespace">The namespace of its pods.</param>
/// <param name="BackendSelector">The labels of its pods, in the form of <c>kubectl -l</c>.</param>
/// <param name="BackendAddress">The address to send dials to instead of the pods' own; <see langword="null"/> if there is none.</param>
public sealed record ClusterRedirectPolicyRow(
    string Name,
    string Service,
    int Priority,
    ImmutableArray<string> Frontends,
    ImmutableArray<string> Ranges,
    string BackendNamespace,
    string BackendSelector,
    string? BackendAddress);
