using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>A connection that the kernel is to follow as if it had seen it begin.</summary>
/// <param name="Original">Its packets as they come from whoever began it.</param>
/// <param name="Lifetime">When it is forgotten if no packet comes, in whole seconds.</param>
internal sealed record ConntrackDraft(ConntrackTuple Original, TimeSpan Lifetime)
{
    /// <summary>What its packets leave with; <see langword="null"/>: as they are.</summary>
    public IPEndPoint? Translated { get; init; }

    /// <summary>Where its packets go; <see langword="null"/>: where they say.</summary>
    public IPEndPoint? TranslatedDestination { get; init; }

    /// <summary>Whether a packet came back.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>Whether it is not to be forgotten early when there are too many.</summary>
    public bool IsAssured { get; init; }

    /// <summary>Of TCP, the number of its state.</summary>
    public byte TcpState { get; init; }

    /// <summary>What answers come with once they are translated back: nothing but a direction, as the ports of an echo are the same in both.</summary>
    public ConntrackTuple Reply => new(Original.Destination, Original.Source, Original.Protocol);

    internal void Write(ref NetlinkWriter request)
    {
        Original.Write(ref request, Ctnl.CTA_TUPLE_ORIG);
        Reply.Write(ref request, Ctnl.CTA_TUPLE_REPLY, isAnswer: true);
        request.AddBigEndian(Ctnl.CTA_STATUS, Ctnl.IPS_CONFIRMED | (IsAnswered ? Ctnl.IPS_SEEN_REPLY : 0) | (IsAssured ? Ctnl.IPS_ASSURED : 0));
        request.AddBigEndian(Ctnl.CTA_TIMEOUT, (uint)Lifetime.TotalSeconds);
        if (Original.Protocol == IPNumbers.Tcp)
            WriteTcp(ref request);
        if (TranslatedDestination is { } destination)
            WriteTranslation(ref request, Ctnl.CTA_NAT_DST, destination);
        if (Translated is { } source)
            WriteTranslation(ref request, Ctnl.CTA_NAT_SRC, source);
    }

    // Nobody knows the windows in force, so no segment is refused for them.
    private void WriteTcp(ref NetlinkWriter request)
    {
        ReadOnlySpan<byte> isLiberal = [Ctnl.IP_CT_TCP_FLAG_BE_LIBERAL, Ctnl.IP_CT_TCP_FLAG_BE_LIBERAL]; // the flag, and that it is meant
        var information = request.BeginNested(Ctnl.CTA_PROTOINFO);
        var tcp = request.BeginNested(Ctnl.CTA_PROTOINFO_TCP);
        request.Add(Ctnl.CTA_PROTOINFO_TCP_STATE, TcpState);
        request.Add(Ctnl.CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, isLiberal);
        request.Add(Ctnl.CTA_PROTOINFO_TCP_FLAGS_REPLY, isLiberal);
        request.EndNested(tcp);
        request.EndNested(information);
    }

    // A range of one address and one port.
    private static void WriteTranslation(ref NetlinkWriter request, ushort type, IPEndPoint translated)
    {
        var isIPv4 = translated.AddressFamily is AddressFamily.InterNetwork;
        var translation = request.BeginNested(type);
        request.Add(isIPv4 ? Ctnl.CTA_NAT_V4_MINIP : Ctnl.CTA_NAT_V6_MINIP, translated.Address);
        request.Add(isIPv4 ? Ctnl.CTA_NAT_V4_MAXIP : Ctnl.CTA_NAT_V6_MAXIP, translated.Address);
        var ports = request.BeginNested(Ctnl.CTA_NAT_PROTO);
        request.AddBigEndian(Ctnl.CTA_PROTONAT_PORT_MIN, (ushort)translated.Port);
        request.AddBigEndian(Ctnl.CTA_PROTONAT_PORT_MAX, (ushort)translated.Port);
        request.EndNested(ports);
        request.EndNested(translation);
    }
}
