using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>Makes networks of the two parts that messages carry.</summary>
internal static class NetlinkNetwork
{
    /// <exception cref="NetlinkFormatException">The address has bits behind the prefix, or the prefix is longer than the address.</exception>
    internal static IPNetwork Read(IPAddress address, int prefixLength)
    {
        try
        {
            return new(address, prefixLength);
        }
        catch (ArgumentException)
        {
            throw new NetlinkFormatException($"'{address}/{prefixLength}' is not a network");
        }
    }
}
