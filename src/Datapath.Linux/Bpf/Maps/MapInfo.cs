namespace Datapath.Linux.Bpf;

/// <summary>What the kernel says of a map.</summary>
/// <param name="Id">Its number, unique while the machine runs.</param>
/// <param name="Name">Its name, at most 15 bytes; empty if it has none.</param>
/// <param name="Type">Its kind.</param>
/// <param name="KeySize">Bytes of a key.</param>
/// <param name="ValueSize">Bytes of a value.</param>
/// <param name="MaxEntries">The number of elements.</param>
/// <param name="Flags">Its flags.</param>
/// <remarks>Minimum kernel: 4.13.</remarks>
public sealed record MapInfo(uint Id, string Name, MapType Type, uint KeySize, uint ValueSize, uint MaxEntries, MapFlags Flags)
{
    /// <summary>A number that only some kinds have a use for (<c>map_extra</c>); 0 before Linux 5.16.</summary>
    public ulong Extra { get; init; }

    /// <summary>Reads what the kernel wrote.</summary>
    internal static unsafe MapInfo Of(in RawMapInfo raw)
    {
        fixed (byte* name = raw.Name)
        {
            return new(
                raw.Id,
                KernelName.Read(new ReadOnlySpan<byte>(name, KernelName.Size)),
                (MapType)raw.Type,
                raw.KeySize,
                raw.ValueSize,
                raw.MaxEntries,
                (MapFlags)raw.MapFlags)
            {
                Extra = raw.MapExtra,
            };
        }
    }

    /// <summary>Every way in which a map differs from a spec; empty if it may stand for it.</summary>
    internal IEnumerable<string> Differences(MapSpec spec)
    {
        if (Type != spec.Type)
            yield return $"type is {Type}, expected {spec.Type}";
        if (KeySize != spec.KeySize)
            yield return $"key has {KeySize} bytes, expected {spec.KeySize}";
        if (ValueSize != spec.ValueSize)
            yield return $"value has {ValueSize} bytes, expected {spec.ValueSize}";
        if (MaxEntries != spec.MaxEntries)
            yield return $"has {MaxEntries} entries, expected {spec.MaxEntries}";
        if (Flags != spec.AllFlags)
            yield return $"flags are {Flags}, expected {spec.AllFlags}";
        if (Extra != spec.Extra)
            yield return $"extra is {Extra}, expected {spec.Extra}";
    }
}
