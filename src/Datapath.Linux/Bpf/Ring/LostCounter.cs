namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// The number of events that programs could not put into a full ring. The kernel keeps none, so a program keeps it by convention: it has a per-CPU
/// array of <c>__u64</c>, and whenever <c>bpf_ringbuf_reserve()</c> returns nothing or <c>bpf_ringbuf_output()</c> fails it adds 1 to an element.
/// </summary>
/// <remarks>Minimum kernel: 5.8, as <see cref="BpfRingBuffer"/>.</remarks>
public sealed class LostCounter
{
    private readonly BpfPerCpuArray<ulong> _counts;
    private readonly uint _index;
    private readonly Lock _gate = new();
    private ulong _taken;

    private LostCounter(BpfPerCpuArray<ulong> counts, uint index) => (_counts, _index) = (counts, index);

    /// <summary>How many events were lost since the map was made.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ulong Total
    {
        get
        {
            var total = 0UL;
            foreach (var count in _counts.Read(_index))
                total += count;
            return total;
        }
    }

    /// <summary>Takes an element of a map.</summary>
    /// <param name="map">The per-CPU array; it stays the caller's and must stay open.</param>
    /// <param name="index">The element.</param>
    /// <exception cref="MapLayoutException">The map is no per-CPU array of 8-byte values, or has no such element.</exception>
    public static LostCounter Of(BpfMap map, uint index = 0)
    {
        ArgumentNullException.ThrowIfNull(map);
        var counts = map.AsPerCpuArray<ulong>();
        MapLayoutException.ThrowUnless(index < map.Info.MaxEntries, map.Info, $"has no element {index}");
        return new(counts, index);
    }

    /// <summary>How many events were lost since the last call; with the first call, since the map was made. Of several callers each gets his own.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ulong TakeNew()
    {
        // Reading and taking are one step: of two callers the later must not read the older total.
        lock (_gate)
        {
            var total = Total;
            var taken = _taken;
            _taken = total;
            return total > taken ? total - taken : 0; // less only if somebody wrote to the map
        }
    }
}
