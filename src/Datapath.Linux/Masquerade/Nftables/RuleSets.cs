using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>The sets of the rules: what leads to classes.</summary>
internal sealed class RuleSets(NftBatch batch, RuleNames names)
{
    private const int LongestKey = 16;

    /// <summary>The devices whose packets are translated.</summary>
    public void AddDevices(IEnumerable<string> patterns)
    {
        var set = new NftSet(names.Devices, NftType.InterfaceName) { IsInterval = true };
        Add(set, patterns.Select(static pattern => BitPrefix.Of(new MasqueradeInterface(pattern, 0))).OfType<BitPrefix>());
    }

    /// <summary>The classes of all names of interfaces, the empty one included: that is the machine itself.</summary>
    public void AddInterfaces(MasqueradeSources sources)
    {
        var set = new NftSet(names.Interfaces, NftType.InterfaceName) { IsInterval = true, Data = NftType.Mark };
        Add(set,
        [
            new(0, 0, sources.ForwardedClass),
            .. sources.Interfaces.Select(BitPrefix.Of).OfType<BitPrefix>(),
            new(0, 8 * BitPrefix.NameLength, sources.HostClass),
        ]);
    }

    /// <summary>The classes of the sources that have one by their address.</summary>
    public void AddSources(NftFamily family, MasqueradeSources sources) =>
        Add(new(names.Sources(family.Name), family.Address) { IsInterval = true, Data = NftType.Mark }, Of(family, sources.Prefixes));

    /// <summary>The classes of all destinations.</summary>
    public void AddDestinations(NftFamily family, MasqueradeDestinations destinations) => Add(
        new(names.Destinations(family.Name), family.Address) { IsInterval = true, Data = NftType.Mark },
        Of(family, destinations.Prefixes).Prepend(new(0, 0, 0)));

    /// <summary>The addresses of a family of which a source gets one, by number.</summary>
    public void AddAddresses(NftFamily family, byte choice, ReadOnlySpan<byte[]> addresses)
    {
        var set = new NftSet(names.Addresses(family.Name, choice), NftType.Mark) { Data = family.Address };
        batch.AddSet(set);
        using var elements = batch.AddElements(set.Name);
        for (var i = 0; i < addresses.Length; i++)
            elements.Add(Number(in i), addresses[i]);
    }

    /// <summary>What becomes of each pair of classes.</summary>
    public void AddVerdicts(MasqueradeState state)
    {
        var set = new NftSet(names.Verdicts, NftType.Mark.Then(NftType.Mark)) { HasVerdicts = true };
        batch.AddSet(set);
        using var elements = batch.AddElements(set.Name);
        Span<int> pair = stackalloc int[2];
        for (pair[0] = 0; pair[0] < state.Sources.Classes.Length; pair[0]++)
        {
            for (pair[1] = 0; pair[1] < state.Destinations.Classes.Length; pair[1]++)
                elements.Add(MemoryMarshal.AsBytes(pair), NftVerdict.GoTo(names.Verdict(state.VerdictOf(pair[0], pair[1]))));
        }
    }

    private static IEnumerable<BitPrefix> Of(NftFamily family, IEnumerable<MasqueradePrefix> prefixes) =>
        prefixes.Where(prefix => prefix.Prefix.BaseAddress.AddressFamily == family.Socket).Select(BitPrefix.Of);

    private static ReadOnlySpan<byte> Number(in int number) => MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in number));

    private void Add(NftSet set, IEnumerable<BitPrefix> prefixes)
    {
        batch.AddSet(set);
        using var elements = batch.AddElements(set.Name);
        var bits = 8 * set.Key.Length;
        var highest = UInt128.MaxValue >> (128 - bits);
        Span<byte> buffer = stackalloc byte[LongestKey];
        var key = buffer[^set.Key.Length..];
        foreach (var interval in PrefixIntervals.Flatten(bits, prefixes))
        {
            BinaryPrimitives.WriteUInt128BigEndian(buffer, interval.First);
            int number = interval.Class;
            if (set.Data is null)
                elements.Add(key);
            else
                elements.Add(key, Number(in number));
            if (interval.Last == highest)
                continue; // it goes on to the end
            BinaryPrimitives.WriteUInt128BigEndian(buffer, interval.Last + 1);
            elements.AddEnd(key);
        }
    }
}
