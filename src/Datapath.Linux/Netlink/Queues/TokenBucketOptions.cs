namespace Datapath.Linux.Netlink;

/// <summary>Sends at most so fast (tc(8) "tbf").</summary>
/// <param name="BytesPerSecond">How fast in the long run; at least 1.</param>
/// <param name="BurstBytes">
/// How much may go at once after a pause; it must be more than the largest packet, and at high rates more than the rate by a timer tick. Listed
/// rounded, as the kernel keeps it as a time.
/// </param>
/// <param name="LimitBytes">How much may wait; what is more is dropped.</param>
/// <remarks>Minimum kernel: 3.14; older ones round <see cref="BurstBytes"/> and know no rate above 4 GB a second.</remarks>
public sealed record TokenBucketOptions(long BytesPerSecond, int BurstBytes, int LimitBytes) : QueueOptions
{
    /// <inheritdoc/>
    public override string Kind => "tbf";

    internal override void Write(ref NetlinkWriter request)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BurstBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(LimitBytes);
        var isWide = BytesPerSecond > uint.MaxValue;
        request.Add(RtnlTc.TCA_TBF_PARMS, new TcTbfQopt
        {
            Rate = new() { LinkLayer = RtnlTc.TC_LINKLAYER_ETHERNET, Rate = isWide ? uint.MaxValue : (uint)BytesPerSecond },
            Limit = (uint)LimitBytes,
            Buffer = (uint)Math.Min(BurstBytes * 1e9 / BytesPerSecond / RtnlTc.NanosecondsPerTick, uint.MaxValue),
        });
        request.Add(RtnlTc.TCA_TBF_BURST, BurstBytes); // newer kernels take this instead of the time
        if (isWide)
            request.Add(RtnlTc.TCA_TBF_RATE64, BytesPerSecond);
    }

    internal static TokenBucketOptions Read(NetlinkAttribute options)
    {
        TcTbfQopt parameters = default;
        ulong? wide = null;
        foreach (var attribute in options.Nested())
        {
            switch (attribute.Type)
            {
                case RtnlTc.TCA_TBF_PARMS:
                    parameters = attribute.As<TcTbfQopt>();
                    break;
                case RtnlTc.TCA_TBF_RATE64:
                    wide = attribute.As<ulong>();
                    break;
                default:
                    break;
            }
        }

        var rate = wide ?? parameters.Rate.Rate;
        var burst = (double)parameters.Buffer * RtnlTc.NanosecondsPerTick * rate / 1e9;
        return new((long)Math.Min(rate, long.MaxValue), (int)Math.Min(Math.Round(burst), int.MaxValue), (int)Math.Min(parameters.Limit, int.MaxValue));
    }
}
