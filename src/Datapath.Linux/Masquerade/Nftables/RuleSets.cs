using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>The sets of the rules. Those of verdicts lead from a source to the row of its class, and from there, by the destination, to what is done.</summary>
internal sealed class RuleSets(NftBatch batch, RuleNames names)
{
    private const int LongestKey = 16;

    /// <summary>The devices whose packets are translated, by patterns.</summary>
    public void AddDevices(IEnumerable<string> patterns) => Add(
        new(names.Devices, NftType.InterfaceName) { IsInterval = true },
        patterns.Select(static pattern => BitPrefix.Of(new MasqueradeInterface(pattern, 0))).OfType<BitPrefix>(),
        verdictOf: null);

    /// <summary>The devices whose packets are translated, by name, so that others may come and these may go.</summary>
    public void AddFoundDevices(IEnumerable<string> found)
    {
        batch.AddSet(new(names.Devices, NftType.InterfaceName));
        ChangeFoundDevices(gone: [], found);
    }

    /// <summary>Some of them go, and others come.</summary>
    public void ChangeFoundDevices(IEnumerable<string> gone, IEnumerable<string> come)
    {
        using (var elements = batch.DeleteElements(names.Devices))
        {
            foreach (var name in gone)
                elements.Add(KeyOf(name));
        }

        using (var elements = batch.AddElements(names.Devices))
        {
            foreach (var name in come)
                elements.Add(KeyOf(name));
        }
    }

    /// <summary>The rows of all names of interfaces, the empty one included: that is the machine itself.</summary>
    public void AddInterfaces(MasqueradeSources sources, VerdictRows rows)
    {
        BitPrefix[] prefixes =
        [
            new(0, 0, sources.ForwardedClass),
            .. sources.Interfaces.Select(BitPrefix.Of).OfType<BitPrefix>(),
            new(0, 8 * BitPrefix.NameLength, sources.HostClass),
        ];
        Add(
            new(names.Interfaces, NftType.InterfaceName) { IsInterval = true, HasVerdicts = true },
            prefixes.Select(prefix => prefix with { Class = rows.RowOf(prefix.Class) }),
            row => names.Row(row));
    }

    /// <summary>The rows of the sources that have a class by their address.</summary>
    public void AddSources(NftFamily family, MasqueradeSources sources, VerdictRows rows) => Add(
        new(names.Sources(family.Name), family.Address) { IsInterval = true, HasVerdicts = true },
        Of(family, sources.Prefixes).Select(prefix => prefix with { Class = rows.RowOf(prefix.Class) }),
        row => names.Row(row));

    /// <summary>What becomes of the packets of a row, by their destination.</summary>
    public void AddDestinations(NftFamily family, MasqueradeDestinations destinations, VerdictRows rows, int row)
    {
        var alike = rows.AlikeIn(row);
        Add(
            new(names.Destinations(family.Name, row), family.Address) { IsInterval = true, HasVerdicts = true },
            Of(family, destinations.Prefixes).Prepend(new(0, 0, 0)).Select(prefix => prefix with { Class = alike[prefix.Class] }),
            destinationClass => names.Verdict(rows[row][destinationClass]));
    }

    /// <summary>The addresses of a family of which a source gets one, by number.</summary>
    public void AddAddresses(NftFamily family, byte choice, ReadOnlySpan<byte[]> addresses)
    {
        var set = new NftSet(names.Addresses(family.Name, choice), NftType.Mark) { Data = family.Address };
        batch.AddSet(set);
        using var elements = batch.AddElements(set.Name);
        for (var i = 0; i < addresses.Length; i++)
            elements.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in i)), addresses[i]);
    }

    /// <summary>The name of a device as the kernel compares it.</summary>
    public static byte[] KeyOf(string name)
    {
        var key = new byte[BitPrefix.NameLength];
        _ = Encoding.UTF8.GetBytes(name, key);
        return key;
    }

    private static IEnumerable<BitPrefix> Of(NftFamily family, IEnumerable<MasqueradePrefix> prefixes) =>
        prefixes.Where(prefix => prefix.Prefix.BaseAddress.AddressFamily == family.Socket).Select(BitPrefix.Of);

    private void Add(NftSet set, IEnumerable<BitPrefix> prefixes, Func<byte, string>? verdictOf)
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
            if (verdictOf is null)
                elements.Add(key);
            else
                elements.Add(key, NftVerdict.GoTo(verdictOf(interval.Class)));
            if (interval.Last == highest)
                continue; // it goes on to the end
            BinaryPrimitives.WriteUInt128BigEndian(buffer, interval.Last + 1);
            elements.AddEnd(key);
        }
    }
}
