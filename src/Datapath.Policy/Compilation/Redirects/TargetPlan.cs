namespace Datapath.Policy;

/// <summary>An address, or a range of addresses and ports, that a policy takes over.</summary>
/// <param name="First">The first address and the first port.</param>
/// <param name="LastPort">The last port.</param>
/// <param name="PrefixLength">How many bits of the address count.</param>
internal readonly record struct TargetKey(L4Address First, ushort LastPort, int PrefixLength)
{
    private static readonly L4Address s_loopback4 = L4Address.Parse("127.0.0.0:0/TCP");
    private static readonly L4Address s_loopback6 = L4Address.Parse("[::1]:0/TCP");

    /// <summary>Whether it is one address and one port.</summary>
    public bool IsExact => LastPort == First.Port && PrefixLength == (First.IsIPv4 ? 32 : 128);

    /// <summary>Whether it is loopback, or the unspecified address, which a dial takes for loopback: each network namespace has its own.</summary>
    private bool IsOwn => First.IsIPv4
        ? (PrefixLength >= 8 && First.HasPrefix(s_loopback4, 8)) || (PrefixLength == 32 && First.IsUnspecified)
        : PrefixLength == 128 && (First.IsUnspecified || First.HasPrefix(s_loopback6, 128));

    /// <summary>Whether a dial to the address is meant.</summary>
    public bool Contains(L4Address address) => Contains(Of(address));

    /// <summary>Whether all that <paramref name="other"/> means is meant. What is around loopback leaves it alone.</summary>
    public bool Contains(TargetKey other) =>
        other.First.Protocol == First.Protocol && other.First.Port >= First.Port && other.LastPort <= LastPort
        && PrefixLength <= other.PrefixLength && other.First.HasPrefix(First, PrefixLength) && (IsOwn || !other.IsOwn);

    /// <summary>The more special key comes first: longer prefix, fewer ports, lower ports.</summary>
    public static int CompareSpeciality(TargetKey left, TargetKey right)
    {
        if (left.PrefixLength != right.PrefixLength)
            return right.PrefixLength.CompareTo(left.PrefixLength);
        var (leftPorts, rightPorts) = (left.LastPort - left.First.Port, right.LastPort - right.First.Port);
        return leftPorts != rightPorts ? leftPorts.CompareTo(rightPorts) : left.First.Port.CompareTo(right.First.Port);
    }

    public static TargetKey Of(FrontendRange range) =>
        new(new(range.Prefix.BaseAddress, range.FirstPort, range.Protocol), range.LastPort, range.Prefix.PrefixLength);

    public static TargetKey Of(L4Address address) => new(address, address.Port, address.IsIPv4 ? 32 : 128);
}

/// <summary>What a policy wants of a <see cref="TargetKey"/>.</summary>
/// <param name="Key">The addresses.</param>
/// <param name="PortName">The name that pairs it with ports of pods; empty if names do not matter.</param>
/// <param name="BackendPort">The port of the backends; 0 for the one that was dialled, or if the pods' declarations decide.</param>
internal readonly record struct TargetPlan(TargetKey Key, string PortName, int BackendPort);
