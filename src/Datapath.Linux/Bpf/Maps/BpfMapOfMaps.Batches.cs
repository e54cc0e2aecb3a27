using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

// Many maps at once: a call of the kernel for a thousand since Linux 5.19, one for each on older kernels and in arrays.
public sealed unsafe partial class BpfMapOfMaps<TKey>
{
    private const int ReadSize = 1024;

    /// <summary>Puts maps at keys, each in place of what was there. In a hash, newer kernels wait once for all old ones.</summary>
    /// <param name="keys">Where.</param>
    /// <param name="inners">As many maps.</param>
    /// <exception cref="ArgumentException">There are not as many maps as keys.</exception>
    /// <exception cref="BpfException">The kernel refused a map; see <see cref="Set"/>. Those before it are there; the message says how many.</exception>
    public void SetAll(ReadOnlySpan<TKey> keys, IReadOnlyList<BpfMap> inners)
    {
        ArgumentNullException.ThrowIfNull(inners);
        if (keys.Length != inners.Count)
            throw new ArgumentException($"{keys.Length} keys and {inners.Count} maps for map '{_calls.Name}'", nameof(inners));
        using var leases = new HandleLeases(inners.Select(static inner => inner.Handle));
        uint[] fds = [.. inners.Select(static inner => (uint)inner.Handle.DangerousGetHandle())];
        var errno = _bulk.TrySet(keys, MemoryMarshal.AsBytes<uint>(fds), out var written);
        if (errno is not Errno.None)
            ThrowIfRefused(errno, $"put map '{inners[written].Info.Name}', number {written} of {inners.Count} (those before are there), into map '{_calls.Name}'");
    }

    /// <summary>Takes maps away. Keys where there is none are passed over, at the price of a call each.</summary>
    /// <param name="keys">Where.</param>
    /// <returns>How many maps were taken away.</returns>
    /// <exception cref="BpfException">The kernel refused. The message says how many were taken away before.</exception>
    public int RemoveAll(ReadOnlySpan<TKey> keys) => _bulk.RemoveAll(keys);

    /// <summary>
    /// The keys with the numbers of their maps (<see cref="MapInfo.Id"/>). Of a hash, one that is there all the time is among them exactly once; on
    /// kernels before 5.19 it walks over <see cref="Keys"/>, with what is said there.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public List<KeyValuePair<TKey, uint>> ToList()
    {
        var result = new List<KeyValuePair<TKey, uint>>();
        using var portions = new MapPortions<TKey, uint>(_bulk, PortionSize.First(ReadSize, _map.Info.MaxEntries, (long)sizeof(TKey) + sizeof(uint)));
        while (portions.TryRead())
            portions.AppendTo(result);
        return result;
    }
}
