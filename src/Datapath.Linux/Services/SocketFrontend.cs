using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>A frontend as dials from this node see it.</summary>
/// <param name="Address">What is dialed.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Backends">Where dials go, each once. None: they are refused.</param>
internal sealed record SocketFrontend(L4Address Address, FrontendType Type, ImmutableArray<Backend> Backends)
{
    /// <summary>Whether dials go to the address itself.</summary>
    public bool Passes { get; init; }

    /// <summary>Whether only programs in the host's network namespace are served.</summary>
    public bool IsHostOnly { get; init; }

    /// <summary>How long a client stays with its backend, in seconds; 0 if it does not.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>Whether backends that did not take a connection lately are passed over, where there are others.</summary>
    public bool FallsBack { get; init; }

    /// <summary>Which TCP connections are ended when it no longer leads to their backend; <see langword="null"/>: as configured.</summary>
    public StaleTcpPolicy? StaleTcp { get; init; }

    /// <summary>Other sets of backends, for some clients.</summary>
    public ImmutableArray<ClientSet> FurtherSets { get; init; } = [];

    /// <summary>What is not as with most frontends.</summary>
    public FrontendTraits Traits => new(
        (IsHostOnly ? HeaderFlags.HostOnly : 0)
        | (Passes ? HeaderFlags.Passes : 0)
        | FallbackOf(Backends)
        | FrontendTraits.FlagsOf(StaleTcp)
        | (FurtherSets.IsEmpty ? 0 : HeaderFlags.HasClients)
        | (FurtherSets.Any(static set => set.Clients.Any(static client => client.IsCgroup)) ? HeaderFlags.HasCgroups : 0),
        AffinitySeconds);

    /// <summary>What the header of one of its further sets says.</summary>
    public FrontendTraits TraitsOf(ClientSet set) => new(HeaderFlags.FurtherSet | (set.Passes ? HeaderFlags.Passes : 0) | FallbackOf(set.Backends), AffinitySeconds);

    private HeaderFlags FallbackOf(ImmutableArray<Backend> backends) =>
        FallsBack && Address.Protocol is L4Protocol.Tcp && backends.Length > 1 ? HeaderFlags.FallsBack : 0;
}

/// <summary>A set of backends that some clients have.</summary>
/// <param name="Policy">The policy that it comes from; <see langword="null"/>: the frontend's own backends.</param>
/// <param name="Backends">Where their dials go. None: they are refused.</param>
/// <param name="Passes">Whether they go to the address itself.</param>
/// <param name="Clients">Whose dials, each in one set only.</param>
internal sealed record ClientSet(ServiceName? Policy, ImmutableArray<Backend> Backends, bool Passes, ImmutableArray<ClientId> Clients);

/// <summary>What is not as with most frontends; what differs stands in a header before the slots.</summary>
/// <param name="Flags">Whom it serves, and how.</param>
/// <param name="AffinitySeconds">How long a client stays with its backend; 0 if it does not.</param>
internal readonly record struct FrontendTraits(HeaderFlags Flags, int AffinitySeconds)
{
    /// <summary>Which TCP connections are ended when the frontend no longer leads to their backend; <see langword="null"/>: as configured.</summary>
    public StaleTcpPolicy? StaleTcp => (Flags & (HeaderFlags.TcpStays | HeaderFlags.TcpEnds)) switch
    {
        HeaderFlags.TcpStays => StaleTcpPolicy.Never,
        HeaderFlags.TcpEnds => StaleTcpPolicy.Always,
        HeaderFlags.None => null,
        _ => StaleTcpPolicy.WhenBackendIsGone,
    };

    /// <summary>Whether anything differs.</summary>
    public bool NeedsHeader => this != default;

    public static HeaderFlags FlagsOf(StaleTcpPolicy? policy) => policy switch
    {
        StaleTcpPolicy.Never => HeaderFlags.TcpStays,
        StaleTcpPolicy.Always => HeaderFlags.TcpEnds,
        StaleTcpPolicy.WhenBackendIsGone => HeaderFlags.TcpStays | HeaderFlags.TcpEnds,
        _ => HeaderFlags.None,
    };
}
