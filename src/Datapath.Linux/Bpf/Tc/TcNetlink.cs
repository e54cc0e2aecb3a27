namespace Datapath.Linux.Bpf;

/// <summary>linux/pkt_sched.h, pkt_cls.h: what a filter on the way in or out of an interface needs.</summary>
internal static class TcNetlink
{
    internal const ushort RTM_NEWQDISC = 36;
    internal const ushort RTM_NEWTFILTER = 44;
    internal const ushort RTM_DELTFILTER = 45;
    internal const ushort RTM_GETTFILTER = 46;

    internal const ushort TCA_KIND = 1;
    internal const ushort TCA_OPTIONS = 2;
    internal const ushort TCA_BPF_FD = 6;
    internal const ushort TCA_BPF_NAME = 7;
    internal const ushort TCA_BPF_FLAGS = 8;
    internal const ushort TCA_BPF_ID = 11;
    internal const uint TCA_BPF_FLAG_ACT_DIRECT = 1;

    internal const uint TC_H_CLSACT = 0xffff_fff1;
    internal const uint ClsactHandle = 0xffff_0000;
    internal const uint IngressParent = 0xffff_fff2;
    internal const uint EgressParent = 0xffff_fff3;

    /// <summary>ETH_P_ALL in the order of bytes of the network.</summary>
    internal const uint AllProtocols = 0x0300;

    internal static uint ParentOf(TcxDirection direction) => direction switch
    {
        TcxDirection.Ingress => IngressParent,
        TcxDirection.Egress => EgressParent,
        _ => throw new ArgumentOutOfRangeException(nameof(direction), direction, "no direction"),
    };
}
