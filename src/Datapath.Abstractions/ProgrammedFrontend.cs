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
}

/// <summary>A backend as the engine holds it.</summary>
/// <param name="Id">Its identifier: kept while some frontend uses the address, also over restarts, and never given to another one.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Share">Its part of new connections, 0 to 1.</param>
public readonly record struct ProgrammedBackend(uint Id, L4Address Address, double Share);
