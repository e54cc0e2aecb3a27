using System.Buffers.Binary;

namespace Datapath.Linux.Netlink;

/// <summary>Requests about one filter, by its place.</summary>
internal static class TrafficFilterRequest
{
    /// <summary>Room for a name of the length that the kernel takes, and all else.</summary>
    internal const int Length = 512;

    /// <summary>Starts a request.</summary>
    /// <param name="buffer">Where to write.</param>
    /// <param name="type">What is asked.</param>
    /// <param name="flags">How.</param>
    /// <param name="filter">Where it is, and its kind.</param>
    internal static NetlinkWriter Start(Span<byte> buffer, ushort type, ushort flags, TrafficFilter filter)
    {
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new TcMsg
        {
            InterfaceIndex = filter.InterfaceIndex,
            Handle = filter.Handle,
            Parent = filter.Parent.Value,
            Info = ((uint)filter.Priority << 16) | BinaryPrimitives.ReverseEndianness(filter.Protocol),
        });
        request.Add(RtnlTc.TCA_KIND, filter.Kind);
        return request;
    }

    /// <summary>Deletes a filter.</summary>
    internal static NetlinkAck Delete(NetlinkSocket socket, TrafficFilter filter)
    {
        var request = Start(stackalloc byte[Length], RtnlTc.RTM_DELTFILTER, flags: 0, filter);
        return socket.Execute(ref request);
    }
}
