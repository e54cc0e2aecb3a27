using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// All programs, maps, links and types of the machine, whoever loaded them. Every list is read while it is walked over, in the order of the
/// numbers; what is unloaded meanwhile is passed over. Listing needs CAP_SYS_ADMIN.
/// </summary>
/// <remarks>Minimum kernel: 4.13; 5.4 for types, 5.8 for links.</remarks>
public static partial class BpfInventory
{
    /// <summary>The programs. Minimum kernel: 4.13.</summary>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability. Thrown by the walk, not by this call.</exception>
    public static IEnumerable<ProgramDetails> Programs()
    {
        var types = new BtfObjects();
        foreach (var handle in ObjectIds.Programs.OpenAll())
        {
            using (handle)
                yield return ProgramDetails.Read(handle, types);
        }
    }

    /// <summary>The maps. Minimum kernel: 4.13.</summary>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability. Thrown by the walk, not by this call.</exception>
    public static IEnumerable<MapDetails> Maps()
    {
        foreach (var handle in ObjectIds.Maps.OpenAll())
        {
            using (handle)
                yield return MapDetails.Read(handle);
        }
    }

    /// <summary>The links; <see cref="BpfLink.OpenById"/> gives what each kind knows beside this. Minimum kernel: 5.8.</summary>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability. Thrown by the walk, not by this call.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is too old.</exception>
    public static IEnumerable<BpfLinkInfo> Links()
    {
        foreach (var id in ObjectIds.Links.All())
        {
            if (TryReadLink(id) is { } link)
                yield return link;
        }
    }

    /// <summary>The types: the kernel's, its modules' and those that came with programs and maps. Minimum kernel: 5.4.</summary>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability. Thrown by the walk, not by this call.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is too old.</exception>
    public static IEnumerable<BtfDetails> Types()
    {
        foreach (var handle in ObjectIds.Types.OpenAll())
        {
            using (handle)
                yield return BtfObjects.ReadDetails(handle);
        }
    }

    /// <summary>
    /// Reads types by their number, as <see cref="Types"/>, programs and maps tell it. The kernel's own are <see cref="KernelBtf.Running"/>,
    /// which a module's follow. Needs CAP_SYS_ADMIN. Minimum kernel: 5.4; the kernel's and its modules': 5.11.
    /// </summary>
    /// <param name="id">The number.</param>
    /// <exception cref="BpfException">There are no such types (any more) (ENOENT), or the kernel refused: EPERM without the capability.</exception>
    /// <exception cref="InvalidBpfObjectException">A newer kernel took types of a kind that is not known here.</exception>
    public static BtfTypes ReadTypes(uint id) => BtfObjects.TryRead(id, out var types)
        ? types
        : throw new BpfException($"read number {id} of the BTF objects", Errno.ENOENT);

    /// <summary>The programs of a name.</summary>
    /// <param name="name">The function's name. Where the kernel tells no more than 15 bytes of a name, those are compared.</param>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability. Thrown by the walk, not by this call.</exception>
    public static IEnumerable<ProgramDetails> FindPrograms(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var cut = Cut(name);
        return Programs().Where(program => program.Name == name || program.Name == cut);
    }

    /// <summary>The maps of a name.</summary>
    /// <param name="name">The name in the object. The kernel keeps 15 bytes of it, and those are compared.</param>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability. Thrown by the walk, not by this call.</exception>
    public static IEnumerable<MapDetails> FindMaps(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var cut = Cut(name);
        return Maps().Where(map => map.Name == cut);
    }

    private static BpfLinkInfo? TryReadLink(uint id)
    {
        try
        {
            using var link = BpfLink.OpenById(id);
            return link.Info;
        }
        catch (BpfException e) when (ObjectIds.IsGone(e.Errno))
        {
            return null;
        }
    }

    // As the kernel keeps a name.
    private static string Cut(string name)
    {
        Span<byte> bytes = stackalloc byte[KernelName.Size];
        KernelName.Write(name, bytes);
        return KernelName.Read(bytes);
    }
}
