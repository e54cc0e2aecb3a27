using System.Collections.Immutable;

namespace Datapath;

/// <summary>A frontend as the engine holds it.</summary>
/// <param name="Id">Its identifier: kept while the frontend exists, also over restarts, and never given to another one.</param>
/// <param name="Address">What clients dial.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Backends">The backends that take new connections, by address. Empty if a dial is refused.</param>
public sealed record ProgrammedFrontend(uint Id, L4Address Address, FrontendType Type, ImmutableArray<ProgrammedBackend> Backends)
{
    /// <summary>How long a client stays with its backend, in seconds; 0 (the default) if it does not.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>Whether only programs in the host's network namespace are served. Default: no.</summary>
    public bool IsHostOnly { get; init; }

    /// <summary>Into how many equal parts new connections are divided: a backend's share is one of them or several. 0 without backends.</summary>
    public int Slots { get; init; }

    /// <summary>Whether a dial goes to the address itself; <see cref="Backends"/> is empty then. Default: no.</summary>
    public bool Passes { get; init; }

    /// <summary>Other sets of backends, for some clients, by number. Default: none.</summary>
    public ImmutableArray<ProgrammedSet> FurtherSets { get; init; } = [];

    /// <summary>One line: identifier, address, type, and backends with their shares.</summary>
    public override string ToString() =>
        $"{Id} {Address} {Type} -> {ProgrammedSet.Describe(Backends, Passes)}{string.Concat(FurtherSets.Select(static set => $"; {set}"))}";
}

/// <summary>A set of backends that some clients of a frontend have, as the engine holds it.</summary>
/// <param name="Number">Its number, 1 or more.</param>
/// <param name="Backends">The backends that take new connections, by address. Empty if a dial is refused, or passes.</param>
/// <param name="Passes">Whether a dial goes to the address itself.</param>
/// <param name="Clients">Whose dials: <c>netns 17</c> by the network namespace's cookie, <c>cgroup 4711</c> by the cgroup's id; in order.</param>
public sealed record ProgrammedSet(int Number, ImmutableArray<ProgrammedBackend> Backends, bool Passes, ImmutableArray<string> Clients)
{
    /// <summary>One line: the clients, and backends with their shares.</summary>
    public override string ToString() => $"for {string.Join(", ", Clients)} -> {Describe(Backends, Passes)}";

    internal static string Describe(ImmutableArray<ProgrammedBackend> backends, bool passes) => backends.IsEmpty
        ? passes ? "(the address itself)" : "(no backend)"
        : string.Join(' ', backends.Select(static backend => $"{backend.Address} {backend.Share:P0}"));
}

/// <summary>A backend as the engine holds it.</summary>
/// <param name="Id">Its identifier: kept while some frontend uses the address, also over restarts, and never given to another one.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Share">Its part of new connections, 0 to 1.</param>
public readonly record struct ProgrammedBackend(uint Id, L4Address Address, double Share);
