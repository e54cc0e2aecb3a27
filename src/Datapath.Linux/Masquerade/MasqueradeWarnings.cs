namespace Datapath.Linux.Masquerade;

/// <summary>What rules and devices do not fit together in, in words.</summary>
internal static class MasqueradeWarnings
{
    /// <summary>Tells it.</summary>
    /// <param name="areAdopted">Whether rules of an earlier process are in force.</param>
    /// <param name="withoutRouteSource">Flows that should have got the source address of their route, and got that of their device.</param>
    /// <param name="devices">The devices whose packets are translated.</param>
    public static IEnumerable<string> Of(bool areAdopted, long withoutRouteSource, IReadOnlyCollection<MasqueradeDevice> devices)
    {
        if (areAdopted)
            yield return "the rules of an earlier process are in force; what they are is not known here until rules are applied";
        if (devices.Count == 0)
            yield return "there is no device whose packets are translated";
        foreach (var device in devices.Where(static device => device is { IPv4: null, IPv6: null }))
            yield return $"device '{device.Name}' has no address: packets that would get it are dropped";
        if (withoutRouteSource > 0)
            yield return $"{withoutRouteSource} flows got the address of their device: the kernel did not tell the source address of their route, as it does since Linux 6.7";
    }
}
