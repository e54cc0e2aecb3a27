namespace Datapath.Linux.Netlink;

/// <summary>
/// Gives each flow its turn and keeps the times of departure that sockets and BPF programs set (tc(8) "fq"). Values that are
/// <see langword="null"/> are the kernel's defaults.
/// </summary>
/// <remarks>Minimum kernel: 3.12.</remarks>
public sealed record FairQueueOptions : QueueOptions
{
    /// <inheritdoc/>
    public override string Kind => "fq";

    /// <summary>How many packets may wait in all.</summary>
    public int? PacketLimit { get; init; }

    /// <summary>How many packets of one flow may wait.</summary>
    public int? FlowPacketLimit { get; init; }

    /// <summary>Whether times of departure and rates of sockets are kept.</summary>
    public bool? Paces { get; init; }

    /// <summary>How fast a flow may be at most, in bytes per second; up to 4294967295, which means any.</summary>
    public long? MaximumFlowRate { get; init; }

    /// <summary>How far in the future a time of departure may be. Minimum kernel: 5.8.</summary>
    public TimeSpan? Horizon { get; init; }

    /// <summary>Whether packets beyond <see cref="Horizon"/> are dropped; else they go at its end. Minimum kernel: 5.8.</summary>
    public bool? DropsBeyondHorizon { get; init; }

    internal override void Write(ref NetlinkWriter request)
    {
        if (PacketLimit is { } limit)
            request.Add(RtnlTc.TCA_FQ_PLIMIT, QueueLimit.ToKernel(limit));
        if (FlowPacketLimit is { } flowLimit)
            request.Add(RtnlTc.TCA_FQ_FLOW_PLIMIT, QueueLimit.ToKernel(flowLimit));
        if (Paces is { } paces)
            request.Add(RtnlTc.TCA_FQ_RATE_ENABLE, paces ? 1 : 0);
        if (MaximumFlowRate is { } rate)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(rate, nameof(MaximumFlowRate));
            request.Add(RtnlTc.TCA_FQ_FLOW_MAX_RATE, (uint)Math.Min(rate, uint.MaxValue));
        }

        if (Horizon is { } horizon)
            request.Add(RtnlTc.TCA_FQ_HORIZON, TcTime.ToMicroseconds(horizon));
        if (DropsBeyondHorizon is { } drops)
            request.Add(RtnlTc.TCA_FQ_HORIZON_DROP, drops ? (byte)1 : (byte)0);
    }

    internal static FairQueueOptions Read(NetlinkAttribute options)
    {
        var fq = new FairQueueOptions();
        foreach (var attribute in options.Nested())
        {
            fq = attribute.Type switch
            {
                RtnlTc.TCA_FQ_PLIMIT => fq with { PacketLimit = QueueLimit.FromKernel(attribute.As<uint>()) },
                RtnlTc.TCA_FQ_FLOW_PLIMIT => fq with { FlowPacketLimit = QueueLimit.FromKernel(attribute.As<uint>()) },
                RtnlTc.TCA_FQ_RATE_ENABLE => fq with { Paces = attribute.As<int>() != 0 },
                RtnlTc.TCA_FQ_FLOW_MAX_RATE => fq with { MaximumFlowRate = attribute.As<uint>() },
                RtnlTc.TCA_FQ_HORIZON => fq with { Horizon = TimeSpan.FromMicroseconds(attribute.As<uint>()) },
                RtnlTc.TCA_FQ_HORIZON_DROP => fq with { DropsBeyondHorizon = attribute.As<byte>() != 0 },
                _ => fq,
            };
        }

        return fq;
    }
}
