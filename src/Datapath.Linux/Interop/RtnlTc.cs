using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary>linux/pkt_sched.h, pkt_cls.h: queueing disciplines, their classes and filters.</summary>
internal static class RtnlTc
{
    internal const ushort RTM_NEWQDISC = 36;
    internal const ushort RTM_DELQDISC = 37;
    internal const ushort RTM_GETQDISC = 38;
    internal const ushort RTM_NEWTCLASS = 40;
    internal const ushort RTM_GETTCLASS = 42;
    internal const ushort RTM_NEWTFILTER = 44;
    internal const ushort RTM_DELTFILTER = 45;
    internal const ushort RTM_GETTFILTER = 46;

    internal const ushort TCA_KIND = 1;
    internal const ushort TCA_OPTIONS = 2;

    internal const uint TC_H_ROOT = 0xffff_ffff;
    internal const uint TC_H_CLSACT = 0xffff_fff1;

    /// <summary>The number that the discipline at <see cref="TC_H_CLSACT"/> always has.</summary>
    internal const uint ClsactHandle = 0xffff_0000;
    internal const uint TC_H_MIN_INGRESS = 0xfff2;
    internal const uint TC_H_MIN_EGRESS = 0xfff3;

    internal const ushort TCA_BPF_FD = 6;
    internal const ushort TCA_BPF_NAME = 7;
    internal const ushort TCA_BPF_FLAGS = 8;
    internal const ushort TCA_BPF_ID = 11;
    internal const uint TCA_BPF_FLAG_ACT_DIRECT = 1;

    /// <summary>ETH_P_ALL; in messages it stands in the order of bytes of the network.</summary>
    internal const ushort AllProtocols = 3;

    internal const ushort TCA_TBF_PARMS = 1;
    internal const ushort TCA_TBF_RATE64 = 4;
    internal const ushort TCA_TBF_BURST = 6;
    internal const byte TC_LINKLAYER_ETHERNET = 1;

    internal const ushort TCA_FQ_PLIMIT = 1;
    internal const ushort TCA_FQ_FLOW_PLIMIT = 2;
    internal const ushort TCA_FQ_RATE_ENABLE = 5;
    internal const ushort TCA_FQ_FLOW_MAX_RATE = 7;
    internal const ushort TCA_FQ_HORIZON = 14;
    internal const ushort TCA_FQ_HORIZON_DROP = 15;

    internal const ushort TCA_FQ_CODEL_TARGET = 1;
    internal const ushort TCA_FQ_CODEL_LIMIT = 2;
    internal const ushort TCA_FQ_CODEL_INTERVAL = 3;
    internal const ushort TCA_FQ_CODEL_ECN = 4;
    internal const ushort TCA_FQ_CODEL_FLOWS = 5;

    internal const ushort TCA_NETEM_LATENCY64 = 10;
    internal const ushort TCA_NETEM_JITTER64 = 11;

    /// <summary>The kernel counts time in this interface by ticks of so many nanoseconds (PSCHED_SHIFT).</summary>
    internal const int NanosecondsPerTick = 64;
}

/// <summary>struct tcmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TcMsg
{
    public byte Family;
    public byte Pad1;
    public ushort Pad2;
    public int InterfaceIndex;
    public uint Handle;
    public uint Parent;
    public uint Info;
}

/// <summary>struct tc_ratespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TcRateSpec
{
    public byte CellLog;
    public byte LinkLayer;
    public ushort Overhead;
    public short CellAlign;
    public ushort Mpu;
    public uint Rate;
}

/// <summary>struct tc_tbf_qopt.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TcTbfQopt
{
    public TcRateSpec Rate;
    public TcRateSpec PeakRate;
    public uint Limit;
    public uint Buffer;
    public uint Mtu;
}

/// <summary>struct tc_netem_qopt.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TcNetemQopt
{
    public uint Latency;
    public uint Limit;
    public uint Loss;
    public uint Gap;
    public uint Duplicate;
    public uint Jitter;
}
