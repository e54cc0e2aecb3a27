namespace Datapath.Linux;

/// <summary>A translated flow.</summary>
/// <param name="Source">Where its packets come from; of an echo of ICMP the port is the identifier.</param>
/// <param name="Translated">What they leave with.</param>
/// <param name="Peer">Where they go.</param>
/// <param name="Protocol">The IANA protocol number.</param>
/// <param name="Age">How long ago it began.</param>
/// <param name="Idle">How long ago a packet came last, in either direction.</param>
/// <param name="IsAnswered">Whether a packet came back.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradeFlow(FlowEnd Source, FlowEnd Translated, FlowEnd Peer, byte Protocol, TimeSpan Age, TimeSpan Idle, bool IsAnswered);

/// <summary>An end of a flow.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port, or the identifier of an echo.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public readonly record struct FlowEnd(System.Net.IPAddress Address, ushort Port)
{
    /// <summary>For example <c>192.0.2.1:80</c> or <c>[2001:db8::1]:80</c>.</summary>
    public override string ToString() => new System.Net.IPEndPoint(Address, Port).ToString();
}
