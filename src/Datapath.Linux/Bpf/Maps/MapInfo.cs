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
        if (MaxEntries != RoomOf(spec))
            yield return $"has {MaxEntries} entries, expected {spec.Room}";
        if ((Flags & ~ImpliedFlags(spec.Type)) != (spec.AllFlags & ~ImpliedFlags(spec.Type)))
            yield return $"flags are {Flags}, expected {spec.AllFlags}";
        if (Extra != spec.Extra)
            yield return $"extra is {Extra}, expected {spec.Extra}";
    }

    /// <summary>How much room the kernel makes: where each CPU has its own part of it, it rounds up so that all are equal.</summary>
    /// <param name="maxEntries">How much was asked for.</param>
    /// <param name="cpus">How many CPUs there could ever be.</param>
    internal static uint RoundedRoom(uint maxEntries, uint cpus)
    {
        var rounded = ((ulong)maxEntries + cpus - 1) / cpus * cpus;
        return rounded <= uint.MaxValue ? (uint)rounded : maxEntries / cpus * cpus;
    }

    private static uint RoomOf(MapSpec spec) =>
        spec.Type is MapType.LruHash or MapType.LruPerCpuHash && spec.Flags.HasFlag(MapFlags.NoCommonLru)
            ? RoundedRoom(spec.MaxEntries, (uint)PossibleCpus.Number)
            : spec.Room;

    // What programs find in them points into the kernel, which sets the flag itself.
    private static MapFlags ImpliedFlags(MapType type) => type is MapType.DevMap or MapType.DevMapHash ? MapFlags.ReadOnlyForPrograms : MapFlags.None;
}
