using System.Numerics;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A map in the kernel. It lives while a descriptor, a program or a pin holds it; disposing closes this descriptor. For its elements, take
/// the typed view of its kind, for example <see cref="AsHash{TKey, TValue}"/>. A view checks once that its types fit the map, and refuses
/// structs with padding.
/// </summary>
/// <remarks>Minimum kernel: 4.13, which tells what a map is like; <see cref="MapType"/> says since when there are maps of a kind.</remarks>
public sealed unsafe partial class BpfMap : IDisposable
{
    private BpfMap(SafeBpfHandle handle, MapInfo info)
    {
        (Handle, Info) = (handle, info);
        handle.Owner = $"map '{info.Name}' ({info.Type})";
    }

    /// <summary>The descriptor.</summary>
    public SafeBpfHandle Handle { get; }

    /// <summary>What the kernel says of it.</summary>
    public MapInfo Info { get; }

    /// <summary>Creates a map.</summary>
    /// <param name="spec">What it is to be.</param>
    /// <exception cref="BpfException">The kernel refused; for <see cref="Errno.EPERM"/> the message says what is missing.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel has no such maps.</exception>
    public static BpfMap Create(MapSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Type is not MapType.SkStorage)
            return Create(spec, btf: null, innerMap: null);
        using var btf = StandaloneBtf.Load(spec.ValueSize);
        return Create(spec with { KeyTypeId = StandaloneBtf.KeyTypeId, ValueTypeId = StandaloneBtf.ValueTypeId }, btf, innerMap: null);
    }

    /// <summary>Opens a map by its number. Needs CAP_SYS_ADMIN. Minimum kernel: 4.13.</summary>
    /// <param name="id">The number (<see cref="MapInfo.Id"/>).</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOENT"/> if there is no such map any more.</exception>
    public static BpfMap OpenById(uint id)
    {
        var attr = new GetByIdAttr { Id = id };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.MapGetFdById, ref attr, out var fd), BpfPermission.ById, $"open map {id}");
        return Own(new(fd), $"{id}");
    }

    /// <summary>Opens a pinned map.</summary>
    /// <param name="path">Its path on a bpf filesystem.</param>
    /// <exception cref="BpfException">There is none, or it is not a map.</exception>
    public static BpfMap OpenPinned(string path)
    {
        return Own(BpfPin.Open(path, "map"), path);
    }

    /// <summary>Pins the map: it outlives this process until the file is deleted.</summary>
    /// <param name="path">A path on a bpf filesystem that does not exist yet.</param>
    /// <exception cref="BpfException">The kernel refused, for example because the path is not on a bpf filesystem.</exception>
    public void Pin(string path) => BpfPin.Pin(Handle, path, $"map '{Info.Name}'");

    /// <summary>
    /// Ends writing by user space, for good and for everyone: from here on only programs change the map. The verifier takes the values of an array that
    /// programs may not write either (<see cref="MapFlags.ReadOnlyForPrograms"/>) for constants. Minimum kernel: 5.2.
    /// </summary>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.2.</exception>
    /// <exception cref="BpfException">The kernel refused: EPERM if the map is frozen, EBUSY if it is mapped into memory for writing.</exception>
    public void Freeze()
    {
        using var lease = Handle.Lease();
        var attr = new MapFreezeAttr { MapFd = lease.Fd };
        var errno = Libc.Bpf(BpfCommand.MapFreeze, ref attr);
        if (errno is Errno.EINVAL)
            BpfFeature.ReadOnlyMap.ThrowIfUnsupported();
        if (errno is Errno.EPERM)
            throw BpfException.Refusal($"freeze map '{Info.Name}'", errno, BpfPermission.ToFreeze, "a map is frozen once, and by one who may write to it");
        if (errno is Errno.EBUSY)
            throw new BpfException($"freeze map '{Info.Name}'", errno, "it is frozen already, mapped into memory for writing, or being written");
        BpfException.ThrowIfFailed(errno, $"freeze map '{Info.Name}'");
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => Handle.Dispose();

    internal static BpfMap Create(MapSpec spec, SafeBpfHandle? btf, BpfMap? innerMap)
    {
        var attr = new MapCreateAttr
        {
            MapType = (uint)spec.Type,
            KeySize = spec.KeySize,
            ValueSize = spec.ValueSize,
            MaxEntries = spec.Room,
            MapFlags = (uint)spec.AllFlags,
            NumaNode = spec.NumaNode ?? 0,
            MapExtra = spec.Extra,
        };
        KernelName.Write(spec.Name, new Span<byte>(attr.Name, KernelName.Size));

        // Socket storage has no other way to say what it holds; for all others it lets tools print the content.
        using var btfLease = btf is null ? default : btf.Lease();
        if (btf is not null && spec.ValueTypeId != 0 && (spec.KeyTypeId != 0 || spec.IsDataSection) && TakesTypes(spec.Type))
            (attr.BtfFd, attr.BtfKeyTypeId, attr.BtfValueTypeId) = (btfLease.Fd, spec.KeyTypeId, spec.ValueTypeId);
        using var template = innerMap is null && spec.InnerMap is { } innerSpec ? Create(innerSpec, btf, innerMap: null) : null;
        innerMap ??= template; // the kernel copies from it what inner maps must be like, and lets it go
        using var innerLease = innerMap is null ? default : innerMap.Handle.Lease();
        if (innerMap is not null)
            attr.InnerMapFd = innerLease.Fd;

        var errno = Libc.Bpf(BpfCommand.MapCreate, ref attr, out var fd);
        if (errno is Errno.EPERM && BpfPermission.TryRaiseMemlock())
            errno = Libc.Bpf(BpfCommand.MapCreate, ref attr, out fd);
        if (errno is Errno.EPERM)
            throw BpfException.Refusal($"create map '{spec.Name}' ({spec.Type})", errno, BpfPermission.Of(spec.Type));
        if (errno is Errno.EINVAL or Errno.E2BIG) // too long for a kernel that does not know MapSpec.Extra, nor the kinds that have it
            BpfFeature.Of(spec.Type)?.ThrowIfUnsupported();
        if (errno is Errno.EINVAL)
        {
            ThrowIfFlagMissing(spec);
            if (spec.Type is MapType.RingBuffer or MapType.UserRingBuffer && (!BitOperations.IsPow2(spec.MaxEntries) || spec.MaxEntries % Environment.SystemPageSize != 0))
            {
                throw new BpfException(
                    $"create map '{spec.Name}' ({spec.Type}, {spec.MaxEntries} bytes)", errno, $"a ring has a power of two of bytes, {Environment.SystemPageSize} or more");
            }
        }

        if (errno is not Errno.None)
        {
            throw new BpfException(
                $"create map '{spec.Name}' ({spec.Type}, key {spec.KeySize}, value {spec.ValueSize}, {spec.Room} entries, {spec.AllFlags})",
                errno,
                errno is Errno.EINVAL && spec.Room == 0 ? "0 entries: max_entries is missing in the map's definition, or MaxEntries was not set" : null);
        }

        return Own(new(fd), spec.Name);
    }

    /// <summary>Writes one element from raw bytes.</summary>
    internal void UpdateRaw(uint key, ReadOnlySpan<byte> value)
    {
        if (Info.KeySize != sizeof(uint) || value.Length != Info.ValueSize)
            throw new ArgumentException($"map '{Info.Name}' has keys of {Info.KeySize} and values of {Info.ValueSize} bytes", nameof(value));
        var calls = new MapCalls(this);
        fixed (byte* data = value)
            calls.ThrowIfRefused(calls.Update(&key, data), $"update element {key} of map '{calls.Name}'");
    }

    // What the others hold means something else to programs than to user space, or only to the kernel: it refuses their types.
    private static bool TakesTypes(MapType type) => type is not (
        MapType.ArrayOfMaps or MapType.HashOfMaps or MapType.PerfEventArray or MapType.CgroupArray or MapType.StackTrace or MapType.DevMap
        or MapType.DevMapHash or MapType.CpuMap or MapType.XskMap or MapType.SockMap or MapType.SockHash);

    private static void ThrowIfFlagMissing(MapSpec spec)
    {
        if ((spec.Flags & (MapFlags.ReadOnlyForPrograms | MapFlags.WriteOnlyForPrograms)) != 0)
            BpfFeature.ReadOnlyMap.ThrowIfUnsupported();
        if (spec.Flags.HasFlag(MapFlags.Mappable))
            BpfFeature.MappableArray.ThrowIfUnsupported();
        if (spec.Flags.HasFlag(MapFlags.InnerMap))
            BpfFeature.InnerMap.ThrowIfUnsupported();
    }

    private static BpfMap Own(SafeBpfHandle handle, string name)
    {
        try
        {
            return new(handle, ReadInfo(handle, name));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static MapInfo ReadInfo(SafeBpfHandle handle, string name)
    {
        using var lease = handle.Lease();
        RawMapInfo info = default;
        var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)(&info), InfoLength = (uint)sizeof(RawMapInfo) };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read what the kernel says of map '{name}'");
        return MapInfo.Of(in info);
    }
}
