namespace Datapath.Policy;

/// <summary>Names a service. Both parts are always written out.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name.</param>
public sealed record ServiceReference(string Namespace, string Name);
