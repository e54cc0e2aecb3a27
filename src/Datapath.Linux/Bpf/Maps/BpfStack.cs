namespace Datapath.Linux.Bpf;

/// <summary>A stack in the kernel: the last value in is the first out. Does not own the map. Minimum kernel: 4.20.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class BpfStack<T>
    where T : unmanaged
{
    private readonly SequenceCalls<T> _calls;

    internal BpfStack(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Stack, map.Info, "is no stack");
        _calls = new(map);
    }

    /// <summary>Puts a value on top.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryPush(in T value) => _calls.TryPush(in value);

    /// <summary>Puts a value on top; if there is no room, the lowest value gives way (<c>BPF_EXIST</c>).</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void PushOver(in T value) => _calls.PushOver(in value);

    /// <summary>Takes the value on top.</summary>
    /// <param name="value">The value, or the default.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryPop(out T value) => _calls.TryPop(out value);

    /// <summary>Copies the value on top and leaves it there.</summary>
    /// <param name="value">The value, or the default.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryPeek(out T value) => _calls.TryPeek(out value);
}
