namespace Datapath.Policy;

/// <summary>
/// Finds out whether a service has backends of an IP family of which it has no address: no dial reaches them. Looks at slices, each of which is of one family, not at backends, so that it costs
/// the same for a service with many.
/// </summary>
internal static class FamilyHint
{
    /// <summary>The hint for a status of a service with frontends; empty if each family of its backends has an address.</summary>
    /// <param name="entry">The service.</param>
    public static string Of(ServiceEntry entry)
    {
        var backends = OfBackends(entry);
        if (backends is IPFamilies.None)
            return "";
        var addresses = OfAddresses(entry);
        return (addresses, backends & ~addresses) switch
        {
            (_, IPFamilies.None) => "",
            (IPFamilies.IPv4, _) => Describe("IPv4", "IPv6", isAlone: !backends.HasFlag(IPFamilies.IPv4)),
            _ => Describe("IPv6", "IPv4", isAlone: !backends.HasFlag(IPFamilies.IPv6)),
        };
    }

    private static string Describe(string wanted, string given, bool isAlone) =>
        $"{(isAlone ? $"no backend of {wanted}, and " : "")}its backends of {given} get no dials: it has no address of {given}";

    private static IPFamilies OfAddresses(ServiceEntry entry)
    {
        var families = IPFamilies.None;
        foreach (var frontend in entry.Plan!.Frontends)
            families |= frontend.Address.IsIPv4 ? IPFamilies.IPv4 : IPFamilies.IPv6;
        return families;
    }

    private static IPFamilies OfBackends(ServiceEntry entry)
    {
        var families = IPFamilies.None;
        foreach (var slice in entry.Slices)
        {
            if (slice.Candidates.Length > 0)
                families |= slice.Candidates[0].Backend.Address.IsIPv4 ? IPFamilies.IPv4 : IPFamilies.IPv6;
        }

        return families;
    }

    [Flags]
    private enum IPFamilies
    {
        None = 0,
        IPv4 = 1,
        IPv6 = 2,
    }
}
