using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>How programs' dials are balanced.</summary>
public sealed class SocketLbOptions
{
    /// <summary>
    /// <c>socketLB:connectFallback</c>, in whole seconds: for how long a backend that did not take a TCP connection is passed over, zero to one day, see
    /// <see cref="LinuxDatapathOptions.ConnectFallback"/>. Default: zero, off.
    /// </summary>
    public TimeSpan ConnectFallback { get; set; }
}
