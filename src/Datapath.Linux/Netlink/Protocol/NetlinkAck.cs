using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>How a request ended: the payload of NLMSG_ERROR (which acknowledges, too) and of NLMSG_DONE.</summary>
internal readonly record struct NetlinkAck(Errno Errno, string? Message = null, int? Offset = null)
{
    internal static unsafe NetlinkAck Read(NetlinkMessage message)
    {
        // A kernel may end a dump with no payload at all; that is success.
        if (message.Type is Nl.NLMSG_DONE && message.Payload.IsEmpty)
            return default;
        var errno = (Errno)(-message.ReadHeader<int>());
        if ((message.Flags & Nl.NLM_F_ACK_TLVS) == 0)
            return new(errno);

        string? text = null;
        int? offset = null;
        foreach (var attribute in message.Attributes(LengthBeforeAttributes(message)))
        {
            switch (attribute.Type)
            {
                case Nl.NLMSGERR_ATTR_MSG:
                    text = attribute.AsString();
                    break;
                case Nl.NLMSGERR_ATTR_OFFS:
                    offset = (int)attribute.As<uint>();
                    break;
                default:
                    break;
            }
        }

        // The text may also be a warning that comes with success.
        return new(errno, text, offset);
    }

    private static unsafe int LengthBeforeAttributes(NetlinkMessage message)
    {
        if (message.Type is Nl.NLMSG_DONE)
            return sizeof(int);
        var length = sizeof(int) + sizeof(NlMsgHdr);
        if ((message.Flags & Nl.NLM_F_CAPPED) != 0)
            return length;

        // Not capped: the whole refused request stands before the attributes.
        var payload = message.Payload;
        if (payload.Length < length)
            throw new NetlinkFormatException($"an error of {payload.Length} bytes has no room for the request it answers");
        var request = MemoryMarshal.Read<NlMsgHdr>(payload[sizeof(int)..]);
        return request.Length >= sizeof(NlMsgHdr) && request.Length <= payload.Length - sizeof(int)
            ? sizeof(int) + Nl.Align((int)request.Length)
            : throw new NetlinkFormatException($"an error of {payload.Length} bytes answers a request of {request.Length}");
    }
}
