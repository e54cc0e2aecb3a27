namespace Datapath.Linux.Netlink;

/// <summary>
/// Gives each flow its turn and drops early, so that nothing waits long (tc(8) "fq_codel"). Values that are <see langword="null"/> are the
/// kernel's defaults.
/// </summary>
/// <remarks>Minimum kernel: 3.5.</remarks>
public sealed record FairCodelOptions : QueueOptions
{
    /// <inheritdoc/>
    public override string Kind => "fq_codel";

    /// <summary>How many packets may wait in all.</summary>
    public int? PacketLimit { get; init; }

    /// <summary>How many flows are told apart; only when it is added.</summary>
    public int? Flows { get; init; }

    /// <summary>How long packets may wait always. The kernel counts in units of 1.024 microseconds and rounds down.</summary>
    public TimeSpan? Target { get; init; }

    /// <summary>For how long they may wait longer before some are dropped. Rounded as <see cref="Target"/> is.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Whether packets that can be are marked (ECN) instead of dropped.</summary>
    public bool? MarksCongestion { get; init; }

    internal override void Write(ref NetlinkWriter request)
    {
        if (PacketLimit is { } limit)
            request.Add(RtnlTc.TCA_FQ_CODEL_LIMIT, QueueLimit.ToKernel(limit));
        if (Flows is { } flows)
            request.Add(RtnlTc.TCA_FQ_CODEL_FLOWS, QueueLimit.ToKernel(flows));
        if (Target is { } target)
            request.Add(RtnlTc.TCA_FQ_CODEL_TARGET, TcTime.ToMicroseconds(target));
        if (Interval is { } interval)
            request.Add(RtnlTc.TCA_FQ_CODEL_INTERVAL, TcTime.ToMicroseconds(interval));
        if (MarksCongestion is { } marks)
            request.Add(RtnlTc.TCA_FQ_CODEL_ECN, marks ? 1 : 0);
    }

    internal static FairCodelOptions Read(NetlinkAttribute options)
    {
        var codel = new FairCodelOptions();
        foreach (var attribute in options.Nested())
        {
            codel = attribute.Type switch
            {
                RtnlTc.TCA_FQ_CODEL_LIMIT => codel with { PacketLimit = QueueLimit.FromKernel(attribute.As<uint>()) },
                RtnlTc.TCA_FQ_CODEL_FLOWS => codel with { Flows = attribute.As<int>() },
                RtnlTc.TCA_FQ_CODEL_TARGET => codel with { Target = TimeSpan.FromMicroseconds(attribute.As<uint>()) },
                RtnlTc.TCA_FQ_CODEL_INTERVAL => codel with { Interval = TimeSpan.FromMicroseconds(attribute.As<uint>()) },
                RtnlTc.TCA_FQ_CODEL_ECN => codel with { MarksCongestion = attribute.As<int>() != 0 },
                _ => codel,
            };
        }

        return codel;
    }
}
