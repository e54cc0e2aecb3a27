namespace Datapath.Linux.Netlink;

/// <summary>Makes a link worse, for tests (tc(8) "netem"). Minimum kernel: 4.15.</summary>
public sealed record NetworkEmulationOptions : QueueOptions
{
    /// <inheritdoc/>
    public override string Kind => "netem";

    /// <summary>How long each packet waits. The default is none.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>By how much the wait varies. The default is none.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Which part of the packets is lost, 0 (the default) to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Which part of the packets comes twice, 0 (the default) to 1.</summary>
    public double Duplication { get; init; }

    /// <summary>How many packets may wait. The default is 1000.</summary>
    public int PacketLimit { get; init; } = 1000;

    internal override void Write(ref NetlinkWriter request)
    {
        request.Add(new TcNetemQopt { Limit = QueueLimit.ToKernel(PacketLimit), Loss = ToPart(Loss), Duplicate = ToPart(Duplication) });
        request.Add(RtnlTc.TCA_NETEM_LATENCY64, ToNanoseconds(Delay));
        request.Add(RtnlTc.TCA_NETEM_JITTER64, ToNanoseconds(Jitter));
    }

    internal static unsafe NetworkEmulationOptions Read(NetlinkAttribute options)
    {
        var header = options.As<TcNetemQopt>();
        var netem = new NetworkEmulationOptions
        {
            Delay = FromNanoseconds((long)header.Latency * RtnlTc.NanosecondsPerTick),
            Jitter = FromNanoseconds((long)header.Jitter * RtnlTc.NanosecondsPerTick),
            Loss = (double)header.Loss / uint.MaxValue,
            Duplication = (double)header.Duplicate / uint.MaxValue,
            PacketLimit = QueueLimit.FromKernel(header.Limit),
        };
        foreach (var attribute in new NetlinkAttributeReader(options.Value[sizeof(TcNetemQopt)..]))
        {
            netem = attribute.Type switch
            {
                RtnlTc.TCA_NETEM_LATENCY64 => netem with { Delay = FromNanoseconds(attribute.As<long>()) },
                RtnlTc.TCA_NETEM_JITTER64 => netem with { Jitter = FromNanoseconds(attribute.As<long>()) },
                _ => netem,
            };
        }

        return netem;
    }

    private static uint ToPart(double part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, 1.0);
        return (uint)Math.Round(part * uint.MaxValue);
    }

    private static long ToNanoseconds(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return checked(time.Ticks * TimeSpan.NanosecondsPerTick);
    }

    private static TimeSpan FromNanoseconds(long time) => new(time / TimeSpan.NanosecondsPerTick);
}
