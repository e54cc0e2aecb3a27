using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Linux;

/// <summary>A datapath's pins, seen from outside: for tools that look at it or remove it, whether or not a process manages it.</summary>
/// <remarks>Minimum kernel: 5.18, as <see cref="LinuxDatapath"/>.</remarks>
public static class PinnedDatapath
{
    private static readonly ImmutableArray<string> s_looked =
    [
        SocketLbObject.Clients,
        SocketLbObject.Counters,
        SocketLbObject.Events,
        SocketLbObject.Frontends4,
        SocketLbObject.Frontends6,
        SocketLbObject.Ranges4,
        SocketLbObject.Ranges6,
        SocketLbObject.Sets,
        SocketLbObject.Slots4,
        SocketLbObject.Slots6,
        SocketLbObject.State,
        SocketLbObject.Trace,
    ];

    /// <summary>Whether there is anything below the folder.</summary>
    /// <param name="bpfRoot">The pin folder, see <see cref="LinuxDatapathOptions.BpfRoot"/>.</param>
    /// <exception cref="LinuxException">The folder may not be read.</exception>
    public static bool Exists(string bpfRoot) => PinFolder.Exists(bpfRoot);

    /// <summary>The pins of maps without which nobody can look at it: somebody may have deleted them, while the folder and who manages it are still there.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <returns>The names of those that are missing, in order; empty if none is. All of them where nothing is pinned.</returns>
    public static ImmutableArray<string> FindMissing(string bpfRoot)
    {
        ArgumentException.ThrowIfNullOrEmpty(bpfRoot);
        return [.. s_looked.Where(name => !File.Exists(Path.Combine(PinFolder.MapsOf(bpfRoot), name)))];
    }

    /// <summary>The process that manages it, without disturbing it.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <returns>The number that the process has in the PID namespace of this one; <see langword="null"/> if none manages it, or none that the namespace shows.</returns>
    /// <exception cref="LinuxException">There is no such folder, or it may not be read.</exception>
    public static int? FindManager(string bpfRoot) => FileLocks.FindHolder(bpfRoot);

    /// <summary>Reads the frontends that the kernel holds, in the order of their addresses.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <exception cref="BpfException">There is no datapath, or it may not be read.</exception>
    /// <exception cref="IncompatibleStateException">A later version manages it.</exception>
    public static ImmutableArray<ProgrammedFrontend> Read(string bpfRoot)
    {
        StateMap.ThrowIfUnreadable(bpfRoot);
        var further = ReadSets(bpfRoot);
        var ipv4 = Read<FrontendKey4, Slot4, Ipv4Family>(bpfRoot, SocketLbObject.Frontends4, SocketLbObject.Slots4, further);
        var ipv6 = Read<FrontendKey6, Slot6, Ipv6Family>(bpfRoot, SocketLbObject.Frontends6, SocketLbObject.Slots6, further);
        return [.. ipv4.Concat(ipv6).OrderBy(static f => f.Address)];
    }

    /// <summary>
    /// Reads the ranges that the kernel holds, in the order of their addresses: a row of the kernel's for each range of ports of each prefix.
    /// </summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <exception cref="BpfException">There is no datapath, or it may not be read.</exception>
    /// <exception cref="IncompatibleStateException">A later version manages it.</exception>
    public static ImmutableArray<ProgrammedRange> ReadRanges(string bpfRoot)
    {
        StateMap.ThrowIfUnreadable(bpfRoot);
        var ipv4 = ReadRanges<RangeKey4, Slot4, Ipv4Family, Ipv4Ranges>(bpfRoot, SocketLbObject.Ranges4, SocketLbObject.Slots4);
        var ipv6 = ReadRanges<RangeKey6, Slot6, Ipv6Family, Ipv6Ranges>(bpfRoot, SocketLbObject.Ranges6, SocketLbObject.Slots6);
        return [.. ipv4.Concat(ipv6).OrderBy(static range => new RangePlace(range))];
    }

    /// <summary>Reads the programs' counters.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <exception cref="BpfException">There is no datapath, or it may not be read.</exception>
    /// <exception cref="IncompatibleStateException">A later version manages it.</exception>
    public static ImmutableSortedDictionary<string, long> ReadCounters(string bpfRoot)
    {
        StateMap.ThrowIfUnreadable(bpfRoot);
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), SocketLbObject.Counters));
        return KernelCounters.Read(map);
    }

    /// <summary>The programs that are attached, by name, each with the cgroup's id (0 if the cgroup is gone).</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <exception cref="BpfException">A link may not be read.</exception>
    /// <exception cref="IncompatibleStateException">A later version manages it.</exception>
    public static ImmutableSortedDictionary<string, ulong> ReadHooks(string bpfRoot)
    {
        StateMap.ThrowIfUnreadable(bpfRoot);
        var hooks = ImmutableSortedDictionary.CreateBuilder<string, ulong>(StringComparer.Ordinal);
        foreach (var path in FilesOf(PinFolder.LinksOf(bpfRoot)))
        {
            using var link = CgroupLink.OpenPinned(path);
            hooks.Add(link.Name, link.CgroupId);
        }

        return hooks.ToImmutable();
    }

    /// <summary>Compares what the kernel holds with what it should hold, entry by entry, and the links of the programs.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <param name="expected">What it should hold, from <see cref="LinuxDatapath.Expect"/>.</param>
    /// <returns>The differences, frontends first, then ranges, in order. Empty: there are none.</returns>
    /// <exception cref="BpfException">There is no datapath, or it may not be read.</exception>
    /// <exception cref="IncompatibleStateException">A later version manages it.</exception>
    public static ImmutableArray<KernelDifference> Verify(string bpfRoot, DatapathExpectation expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        return
        [
            .. KernelComparison.OfFrontends(expected.Frontends, Read(bpfRoot)),
            .. KernelComparison.OfRanges(expected.Ranges, ReadRanges(bpfRoot)),
            .. KernelComparison.OfPrograms(expected, ReadHooks(bpfRoot)),
        ];
    }

    /// <summary>
    /// Detaches the programs and deletes the pins and the folder, whichever version left them. Sockets that are connected stay so. Doing it twice is no error.
    /// </summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="DatapathInUseException">A process manages it.</exception>
    /// <exception cref="LinuxException">Something may not be removed; or the folder holds something of somebody else (ENOTEMPTY), which the message names, and is all that is left.</exception>
    public static bool Uninstall(string bpfRoot)
    {
        using var pins = PinFolder.OpenToRemove(bpfRoot, StateMap.ReadOwner);
        if (pins is null)
            return false;

        // Hooks first: a program without its maps would still run.
        foreach (var path in pins.ListLinks())
            PinFolder.Detach(path);
        pins.Delete();
        return true;
    }

    private static string[] FilesOf(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    private static KernelSets ReadSets(string bpfRoot)
    {
        using var sets = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), SocketLbObject.Sets));
        using var clients = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), SocketLbObject.Clients));
        return KernelSets.Read(sets, clients);
    }

    private static ImmutableArray<ProgrammedRange> ReadRanges<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
        TFamily,
        TRanges>(string bpfRoot, string ranges, string slots)
        where TKey : unmanaged, IEquatable<TKey>
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
        where TRanges : IRangeFamily<TKey>
    {
        using var rangeMap = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), ranges));
        using var slotMap = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), slots));
        using var memory = slotMap.MapMemory<TSlot>();
        return KernelRange.Read<TKey, TSlot, TFamily, TRanges>(rangeMap.AsLpmTrie<TKey, RangeValue>(), memory, () => ReadSets(bpfRoot));
    }

    private static IEnumerable<ProgrammedFrontend> Read<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
        TFamily>(string bpfRoot, string frontends, string slots, KernelSets further)
        where TKey : unmanaged, IEquatable<TKey>
        where TSlot : unmanaged
        where TFamily : IFamily<TKey, TSlot>
    {
        using var frontendMap = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), frontends));
        using var slotMap = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(bpfRoot), slots));
        using var memory = slotMap.MapMemory<TSlot>();
        var hash = frontendMap.AsHash<TKey, FrontendValue>();
        foreach (var (key, listed) in hash.ToList())
        {
            // A manager may be at work. What was read counts if the frontend still is what it was before; if not, once more.
            var value = listed;
            while (true)
            {
                var frontend = KernelFrontend.Read<TKey, TSlot, TFamily>(in key, value, memory, further);
                if (!hash.TryGetValue(in key, out var now))
                    break;
                if (now == value)
                {
                    if (frontend is not null)
                        yield return frontend;
                    break;
                }

                value = now;
            }
        }
    }
}
