namespace Datapath.Linux.Bpf;

/// <summary>A queue in the kernel: the first value in is the first out. Does not own the map. Minimum kernel: 4.20.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfQueue<T>
    where T : unmanaged
{
    private readonly SequenceCalls<T> _calls;

    internal BpfQueue(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Queue, map.Info, "is no queue");
        _calls = new(map);
    }

    /// <summary>Puts a value at the end.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryPush(in T value) => _calls.TryPush(in value);

    /// <summary>Puts a value at the end; if there is no room, the first value gives way (<c>BPF_EXIST</c>).</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void PushOver(in T value) => _calls.PushOver(in value);

    /// <summary>Takes the first value.</summary>
    /// <param name="value">The value, or the default.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryPop(out T value) => _calls.TryPop(out value);

    /// <summary>Copies the first value and leaves it there.</summary>
    /// <param name="value">The value, or the default.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryPeek(out T value) => _calls.TryPeek(out value);
}
