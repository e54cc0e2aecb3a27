namespace Datapath.NodeLocalDns;

/// <summary>A query that a server has seen.</summary>
/// <param name="Name">What was asked for.</param>
/// <param name="Client">The address of whoever asked.</param>
internal sealed record ServedQuery(string Name, string Client);
