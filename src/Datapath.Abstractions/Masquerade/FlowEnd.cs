using System.Net;

namespace Datapath;

/// <summary>An end of a flow.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port, or the identifier of an echo.</param>
public readonly record struct FlowEnd(IPAddress Address, ushort Port)
{
    /// <summary>For example <c>192.0.2.1:80</c> or <c>[2001:db8::1]:80</c>.</summary>
    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
