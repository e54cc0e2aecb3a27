namespace Datapath.Linux.Masquerade;

/// <summary>What the status of egress NAT warns of: rules that are not known, and devices that do not fit them, in words.</summary>
internal static class StatusWarnings
{
    /// <summary>Tells that flows stay.</summary>
    /// <param name="failure">Why the last sweep was refused; <see langword="null"/> if it was not.</param>
    public static IEnumerable<string> OfSweeps(string? failure) => failure is null ? [] : [$"flows that are over are not removed, which is tried again: {failure}"];

    /// <summary>Tells that programs may be detached without anybody knowing.</summary>
    /// <param name="failure">Why programs and pins could not be looked at; <see langword="null"/> if they could.</param>
    public static IEnumerable<string> OfHooks(string? failure) => failure is null ? [] : [$"whether programs are attached and pinned could not be looked at, which is tried again: {failure}"];

    /// <summary>Tells that the table of rules may not be as it was left.</summary>
    /// <param name="table">Its name.</param>
    /// <param name="failure">Why it could not be looked at or put back; <see langword="null"/> if it could.</param>
    /// <param name="deafness">Why the kernel tells of no changes any more; <see langword="null"/> if it does.</param>
    public static IEnumerable<string> OfTable(string table, string? failure, string? deafness)
    {
        if (failure is not null)
            yield return $"others changed table '{table}', or may have, and it is not put back, which is tried again: {failure}";
        if (deafness is not null)
            yield return $"what others change of table '{table}' is looked for from time to time only: {deafness}";
    }

    /// <summary>Tells it.</summary>
    /// <param name="failure">Why devices could not be looked at; <see langword="null"/> if they could.</param>
    /// <param name="areAdopted">Whether rules of an earlier process are in force.</param>
    /// <param name="withoutRouteSource">Flows that should have got the source address of their route, and got that of their device.</param>
    /// <param name="mappedByPeer">Flows that should have got the port that their source has for all peers, and got another.</param>
    /// <param name="devices">The devices whose packets are translated.</param>
    public static IEnumerable<string> Of(string? failure, bool areAdopted, long withoutRouteSource, long mappedByPeer, IReadOnlyCollection<MasqueradeDevice> devices)
    {
        if (failure is not null)
            yield return $"devices could not be looked at, which is tried again: {failure}";
        if (areAdopted)
            yield return "the rules of an earlier process are in force; what they are is not known here until rules are applied";
        if (devices.Count == 0)
            yield return "there is no device whose packets are translated";
        foreach (var device in devices.Where(static device => device is { IPv4: null, IPv6: null }))
            yield return $"device '{device.Name}' has no address: packets that would get it are dropped";
        if (withoutRouteSource > 0)
            yield return $"{withoutRouteSource} flows got the address of their device: the kernel did not tell the source address of their route, as it does since Linux 6.7";
        if (mappedByPeer > 0)
            yield return $"{mappedByPeer} flows got another port than the one that their source has for all peers: towards theirs it was taken, by a socket of the machine or an older flow";
    }
}
