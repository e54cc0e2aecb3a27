namespace Datapath.Policy.Tables;

/// <summary>What the maps of the datapath hold, by the keys of the entries, without the numbers that entries refer to each other by.</summary>
/// <param name="Frontends">
/// The frontends: those of <see cref="PolicyTables.Frontends"/>, and each of them again at every address of the node that it is served at.
/// </param>
/// <param name="Wildcards">The addresses whose unknown ports are refused.</param>
/// <param name="Backends">
/// The state of every backend that a frontend or one of its redirects has: active, terminating (serving or not) or maintenance.
/// </param>
public sealed record MapTables(
    IReadOnlyDictionary<string, MapFrontendRow> Frontends,
    IReadOnlyDictionary<string, MapWildcardRow> Wildcards,
    IReadOnlyDictionary<string, string> Backends);
