namespace Datapath.Linux.Masquerade;

/// <summary>How long the programs leave flows alone when no packet comes, as they have it.</summary>
internal static class KeptLifetimes
{
    private static readonly TimeSpan s_tcp = TimeSpan.FromMinutes(124);
    private static readonly TimeSpan s_twoWay = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_oneWay = TimeSpan.FromSeconds(30);

    /// <summary>That of a flow.</summary>
    public static TimeSpan Of(byte protocol, bool isAnswered) => protocol == IPNumbers.Tcp ? s_tcp : isAnswered ? s_twoWay : s_oneWay;
}
