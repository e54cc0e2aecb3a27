namespace Datapath;

/// <summary>A translated flow.</summary>
/// <param name="Source">Where its packets come from; of an echo of ICMP the port is the identifier.</param>
/// <param name="Translated">What they leave with.</param>
/// <param name="Peer">Where they go.</param>
/// <param name="Protocol">The IANA protocol number.</param>
/// <param name="Age">How long ago it began; <see langword="null"/> if that is not known.</param>
/// <param name="Idle">How long ago a packet came last, in either direction.</param>
/// <param name="IsAnswered">Whether a packet came back.</param>
public sealed record MasqueradeFlow(FlowEnd Source, FlowEnd Translated, FlowEnd Peer, byte Protocol, TimeSpan? Age, TimeSpan Idle, bool IsAnswered)
{
    /// <summary>When it ends if no packet comes. Default: <see langword="null"/>, not known.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>
    /// Whether this is no flow but what a source keeps towards all peers, where ports do not depend on them: <see cref="Peer"/> is then the translated address at port 0.
    /// </summary>
    public bool IsMapping => IsAnyPeer(Translated.Address, Peer);

    internal static bool IsAnyPeer(System.Net.IPAddress translated, FlowEnd peer) => peer.Port == 0 && peer.Address.Equals(translated);
}
