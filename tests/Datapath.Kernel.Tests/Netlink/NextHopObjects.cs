using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

/// <summary>Next hop objects, as <c>ip nexthop</c> makes them.</summary>
internal static class NextHopObjects
{
    private const ushort RTM_NEWNEXTHOP = 104;
    private const ushort NHA_ID = 1;
    private const ushort NHA_OIF = 5;
    private const ushort NHA_GATEWAY = 6;

    public static void Add(NetworkNamespace network, uint id, int interfaceIndex, IPAddress gateway)
    {
        using var socket = network.Run(static () => new NetlinkSocket(Nl.NETLINK_ROUTE));
        var request = new NetlinkWriter(stackalloc byte[256], RTM_NEWNEXTHOP, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        request.Add(new NextHopMsg { Family = (byte)(gateway.AddressFamily is AddressFamily.InterNetwork ? Libc.AF_INET : Libc.AF_INET6), Protocol = Rtnl.RTPROT_STATIC });
        request.Add(NHA_ID, id);
        request.Add(NHA_OIF, interfaceIndex);
        request.Add(NHA_GATEWAY, gateway);
        NetlinkException.ThrowIfFailed(socket.Execute(ref request), $"add next hop {id}");
    }

    // struct nhmsg
    [StructLayout(LayoutKind.Sequential)]
    private struct NextHopMsg
    {
        public byte Family;
        public byte Scope;
        public byte Protocol;
        public byte Reserved;
        public uint Flags;
    }
}
