using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

// Many prefixes at once: a call of the kernel for thousands since Linux 5.13, one for each on older kernels.
public sealed unsafe partial class BpfLpmTrie<TKey, TValue>
{
    private const int ReadSize = 4096;

    /// <summary>Adds prefixes or replaces their values.</summary>
    /// <param name="keys">The prefixes.</param>
    /// <param name="values">As many values.</param>
    /// <exception cref="ArgumentException">There are not as many values as prefixes.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused a prefix, for the reasons that <see cref="Set"/> names. Those before it are written; the message says how many.
    /// </exception>
    public void SetAll(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        if (keys.Length != values.Length)
            throw new ArgumentException($"{keys.Length} prefixes and {values.Length} values for map '{_calls.Name}'", nameof(values));
        var errno = _bulk.TrySet(keys, MemoryMarshal.AsBytes(values), out var written);
        _calls.ThrowIfRefused(errno, $"update prefix {written} of {keys.Length} (those before are written) in map '{_calls.Name}'");
    }

    /// <summary>Removes exactly these prefixes. Those that are not there are passed over, at the price of a call each.</summary>
    /// <param name="keys">The prefixes.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="BpfException">The kernel refused. The message says how many were removed before.</exception>
    public int RemoveAll(ReadOnlySpan<TKey> keys) => _bulk.RemoveAll(keys);

    /// <summary>
    /// Copies all prefixes with their values out of the kernel, in the order of <see cref="Keys"/> and with the same faults under change: a
    /// prefix that is removed meanwhile may stand there with the value of a shorter one.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public List<KeyValuePair<TKey, TValue>> ToList()
    {
        var result = new List<KeyValuePair<TKey, TValue>>();
        using var portions = Read();
        while (portions.TryRead())
            portions.AppendTo(result);
        return result;
    }

    /// <summary>
    /// Copies all prefixes into memory of the caller, in a few calls and without allocating; otherwise as <see cref="ToList"/>. Room for as
    /// many as the map has suffices, unless others change it meanwhile and some come twice.
    /// </summary>
    /// <param name="keys">Receives the prefixes.</param>
    /// <param name="values">Receives as many values.</param>
    /// <returns>How many prefixes there are.</returns>
    /// <exception cref="ArgumentException">There is not as much room for values as for prefixes, or not enough for all.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int CopyTo(Span<TKey> keys, Span<TValue> values)
    {
        if (keys.Length != values.Length)
            throw new ArgumentException($"room for {keys.Length} prefixes and {values.Length} values of map '{_calls.Name}'", nameof(values));
        var total = 0;
        using var portions = Read();
        while (portions.TryRead())
        {
            var found = portions.Keys;
            if (found.Length > keys.Length - total)
                throw MapCalls.NoRoom(keys.Length, _calls.Name, nameof(keys));
            found.CopyTo(keys[total..]);
            MemoryMarshal.Cast<byte, TValue>(portions.Values).CopyTo(values[total..]);
            total += found.Length;
        }

        return total;
    }

    private MapPortions<TKey, TKey> Read() =>
        new(_bulk, PortionSize.First(ReadSize, _map.Info.MaxEntries, (long)sizeof(TKey) + sizeof(TValue)), MapKeys.MostSteps(_map.Info));
}
