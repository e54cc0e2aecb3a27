namespace Datapath.Linux.Masquerade;

/// <summary>What rules and devices do not fit together in, in words.</summary>
internal static class MasqueradeWarnings
{
    public static IEnumerable<string> Of(MasqueradeState state, bool areAdopted, IReadOnlyCollection<MasqueradeDevice> devices)
    {
        if (areAdopted)
            yield return "the rules of an earlier process are in force; what they are is not known here until rules are applied";
        if (devices.Count == 0)
            yield return "there is no device whose packets are translated";
        foreach (var device in devices.Where(static device => device is { IPv4: null, IPv6: null }))
            yield return $"device '{device.Name}' has no address: packets that would get it are dropped";
        foreach (var choice in state.AddressChoices.Where(static choice => choice.Source is MasqueradeAddressSource.Route))
            yield return $"address choice '{choice.Name}': the source addresses of routes are not used by this engine, packets get the address of the device";
    }
}
