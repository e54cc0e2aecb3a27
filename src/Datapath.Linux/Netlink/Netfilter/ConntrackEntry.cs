namespace Datapath.Linux.Netlink;

/// <summary>A connection that the kernel follows.</summary>
/// <param name="Original">Its packets as they come from whoever began it.</param>
/// <param name="Reply">The answers as they come: their destination is what packets leave with.</param>
internal sealed record ConntrackEntry(ConntrackTuple Original, ConntrackTuple Reply)
{
    /// <summary>Whether packets leave with another source.</summary>
    public bool HasOtherSource { get; init; }

    /// <summary>Whether a packet came back.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>Whether enough came in both directions that it is not forgotten early.</summary>
    public bool IsAssured { get; init; }

    /// <summary>When it is forgotten if no packet comes.</summary>
    public TimeSpan Remaining { get; init; }

    /// <summary>Of TCP, the number of its state; 0 of others.</summary>
    public byte TcpState { get; init; }

    /// <summary>What the kernel knows it by.</summary>
    public ConntrackKey Key { get; init; }

    /// <summary>When it began; <see langword="null"/> if the kernel does not note that (net.netfilter.nf_conntrack_timestamp).</summary>
    public DateTimeOffset? BeganAt { get; init; }

    internal static ConntrackEntry Read(NetlinkMessage message)
    {
        ConntrackTuple? original = null, reply = null;
        uint status = 0, remaining = 0;
        byte state = 0;
        ConntrackKey key = default;
        DateTimeOffset? beganAt = null;
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            switch (attribute.Type)
            {
                case Ctnl.CTA_TUPLE_ORIG:
                    original = ConntrackTuple.Read(attribute);
                    key = key with { Tuple = attribute.Value.ToArray() };
                    break;
                case Ctnl.CTA_TUPLE_REPLY:
                    reply = ConntrackTuple.Read(attribute);
                    break;
                case Ctnl.CTA_STATUS:
                    status = attribute.AsBigEndian<uint>();
                    break;
                case Ctnl.CTA_TIMEOUT:
                    remaining = attribute.AsBigEndian<uint>();
                    break;
                case Ctnl.CTA_PROTOINFO:
                    state = ReadTcpState(attribute);
                    break;
                case Ctnl.CTA_ID:
                    key = key with { Id = attribute.AsBigEndian<uint>() };
                    break;
                case Ctnl.CTA_ZONE:
                    key = key with { Zone = attribute.AsBigEndian<ushort>() };
                    break;
                case Ctnl.CTA_TIMESTAMP:
                    beganAt = ReadBegin(attribute);
                    break;
                default:
                    break;
            }
        }

        return original is null || reply is null
            ? throw new NetlinkFormatException("a connection lacks a direction")
            : new(original, reply)
            {
                HasOtherSource = (status & Ctnl.IPS_SRC_NAT) != 0,
                IsAnswered = (status & Ctnl.IPS_SEEN_REPLY) != 0,
                IsAssured = (status & Ctnl.IPS_ASSURED) != 0,
                Remaining = TimeSpan.FromSeconds(remaining),
                TcpState = state,
                Key = key,
                BeganAt = beganAt,
            };
    }

    private static byte ReadTcpState(NetlinkAttribute information)
    {
        foreach (var protocol in information.Nested())
        {
            if (protocol.Type is not Ctnl.CTA_PROTOINFO_TCP)
                continue;
            foreach (var attribute in protocol.Nested())
            {
                if (attribute.Type is Ctnl.CTA_PROTOINFO_TCP_STATE)
                    return attribute.As<byte>();
            }
        }

        return 0;
    }

    private static DateTimeOffset? ReadBegin(NetlinkAttribute timestamps)
    {
        foreach (var attribute in timestamps.Nested())
        {
            if (attribute.Type is Ctnl.CTA_TIMESTAMP_START)
                return DateTimeOffset.UnixEpoch.AddTicks((long)(attribute.AsBigEndian<ulong>() / TimeSpan.NanosecondsPerTick));
        }

        return null;
    }
}
