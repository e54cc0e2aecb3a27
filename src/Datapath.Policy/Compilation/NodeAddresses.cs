using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Where a port of the unspecified address is served.</summary>
internal static class NodeAddresses
{
    /// <summary>The node's addresses that offer node ports, without those where a frontend of its own has the port.</summary>
    public static ImmutableArray<L4Address> Of(L4Address unspecified, CompilerInputs inputs) =>
        Free(inputs.Node.NodePortAddresses(unspecified.IsIPv4), unspecified, inputs);

    /// <summary>The other nodes' addresses, likewise.</summary>
    public static ImmutableArray<L4Address> OfOthers(L4Address unspecified, CompilerInputs inputs) =>
        Free(inputs.OtherNodes.Addresses(unspecified.IsIPv4), unspecified, inputs);

    private static ImmutableArray<L4Address> Free(ReadOnlySpan<L4Address> all, L4Address unspecified, CompilerInputs inputs)
    {
        if (all.IsEmpty)
            return [];
        var free = ImmutableArray.CreateBuilder<L4Address>(all.Length);
        foreach (var ip in all)
        {
            var address = ip.WithPort(unspecified.Port, unspecified.Protocol);
            if (inputs.Claims.HolderOf(address) is null)
                free.Add(address);
        }

        return free.DrainToImmutable();
    }
}
