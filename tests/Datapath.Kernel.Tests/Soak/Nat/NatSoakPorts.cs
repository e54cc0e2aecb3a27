using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>
/// Source ports of new flows, and identifiers of echoes. Each source has a row of them for each protocol, so that sources meet at the same ports, but no
/// flow is one that was before: that would keep what it had, whatever the rules say. For several threads.
/// </summary>
internal sealed class NatSoakPorts
{
    /// <summary>Above all of them, for others.</summary>
    public const int FirstFree = First + Count;

    private const int First = 10_000;
    private const int Count = 50_000;
    private static readonly int s_protocols = Enum.GetValues<NatSoakProtocol>().Length;
    private readonly int[] _taken;

    public NatSoakPorts(ConformanceSite site) => _taken = new int[site.Sources.Length * s_protocols * 2];

    public int Next(int source, NatSoakProtocol protocol, bool isIPv4)
    {
        var row = (((source * s_protocols) + (int)protocol) * 2) + (isIPv4 ? 0 : 1);
        return First + (Interlocked.Increment(ref _taken[row]) % Count);
    }
}
