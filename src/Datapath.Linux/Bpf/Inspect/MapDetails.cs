namespace Datapath.Linux.Bpf;

/// <summary>Everything that the kernel says of a map. What a version of Linux does not tell is 0.</summary>
/// <remarks>Minimum kernel: 4.13.</remarks>
public sealed record MapDetails
{
    private MapDetails()
    {
    }

    /// <summary>Number, name, kind, sizes and flags.</summary>
    public required MapInfo Info { get; init; }

    /// <summary>Its number, unique while the machine runs.</summary>
    public uint Id => Info.Id;

    /// <summary>Its name, at most 15 bytes; empty if it has none.</summary>
    public string Name => Info.Name;

    /// <summary>Its kind.</summary>
    public MapType Type => Info.Type;

    /// <summary>Whether user space may not write to it any more; null if <c>/proc</c> does not tell. Minimum kernel: 5.2.</summary>
    public required bool? IsFrozen { get; init; }

    /// <summary>Its types, by number; 0 if it has none. Minimum kernel: 4.18.</summary>
    public required uint BtfId { get; init; }

    /// <summary>The key's type in them; 0 if it has none, as for a section of variables.</summary>
    public required uint KeyTypeId { get; init; }

    /// <summary>The value's type in them; for a section of variables the section itself.</summary>
    public required uint ValueTypeId { get; init; }

    /// <summary>What the kind makes of it, for example the number of hashes of a bloom filter. Minimum kernel: 5.16.</summary>
    public required ulong Extra { get; init; }

    /// <summary>The interface whose hardware has it; 0 for all that lie in memory.</summary>
    public required uint InterfaceIndex { get; init; }

    /// <summary>Bytes of kernel memory; null if <c>/proc</c> does not tell.</summary>
    public required long? MemoryBytes { get; init; }

    /// <summary>Kind, name and number, for example <c>Hash dials (map 7)</c>.</summary>
    public override string ToString() => $"{Type} {Name} (map {Id})";

    internal static unsafe MapDetails Read(SafeBpfHandle handle)
    {
        var raw = default(RawMapInfo);
        using (var lease = handle.Lease())
        {
            var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)(&raw), InfoLength = (uint)sizeof(RawMapInfo) };
            BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read what the kernel says of a map");
        }

        var descriptor = DescriptorInfo.Read(handle);
        return new()
        {
            Info = MapInfo.Of(in raw),
            IsFrozen = descriptor.Number("frozen") is { } frozen ? frozen != 0 : null,
            BtfId = raw.BtfId,
            KeyTypeId = raw.BtfKeyTypeId,
            ValueTypeId = raw.BtfValueTypeId,
            Extra = raw.MapExtra,
            InterfaceIndex = raw.IfIndex,
            MemoryBytes = (long?)descriptor.Number("memlock"),
        };
    }
}
