using System.Collections.Immutable;

namespace Datapath.Linux;

/// <summary>A frontend as the kernel should hold it for dials from this machine.</summary>
/// <param name="Address">What is dialed.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Backends">Where dials go, by address; of each only address and weight count. None: they are refused.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record ExpectedFrontend(L4Address Address, FrontendType Type, ImmutableArray<Backend> Backends)
{
    /// <summary>How long a client stays with its backend, in seconds; 0 (the default) if it does not.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>Whether only programs in the host's network namespace are served. Default: no.</summary>
    public bool IsHostOnly { get; init; }

    /// <summary>Whether a dial goes to the address itself. Default: no.</summary>
    public bool Passes { get; init; }

    /// <summary>Other sets of backends, for some clients. Default: none.</summary>
    public ImmutableArray<ExpectedSet> FurtherSets { get; init; } = [];
}

/// <summary>A set of backends that some clients of a frontend should have.</summary>
/// <param name="Backends">Where their dials go, by address. None: they are refused, or pass.</param>
/// <param name="Passes">Whether they go to the address itself.</param>
/// <param name="Clients">Whose dials, as in <see cref="ProgrammedSet.Clients"/>.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record ExpectedSet(ImmutableArray<L4Address> Backends, bool Passes, ImmutableArray<string> Clients);
