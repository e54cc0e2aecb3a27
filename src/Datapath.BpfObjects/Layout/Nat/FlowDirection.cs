namespace Datapath.BpfObjects.Layout;

/// <summary>Which way a packet goes.</summary>
[KernelType("dp_flow_direction")]
public enum FlowDirection : byte
{
    /// <summary>It leaves by a device.</summary>
    Out = 0,

    /// <summary>It comes in by a device.</summary>
    In = 1,
}
