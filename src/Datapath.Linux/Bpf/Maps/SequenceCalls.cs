namespace Datapath.Linux.Bpf;

/// <summary>What queues and stacks share: maps without keys.</summary>
internal readonly unsafe struct SequenceCalls<T>
    where T : unmanaged
{
    private readonly MapCalls _calls;

    public SequenceCalls(BpfMap map)
    {
        MapLayoutException.ThrowIfSizeDiffers<T>(map.Info, "value", map.Info.ValueSize);
        _calls = new(map);
    }

    public bool TryPush(in T value)
    {
        fixed (T* v = &value)
        {
            var errno = _calls.Update(null, v);
            if (errno is Errno.E2BIG)
                return false;
            _calls.ThrowIfRefused(errno, $"push to map '{_calls.Name}'");
            return true;
        }
    }

    public void PushOver(in T value)
    {
        fixed (T* v = &value)
            _calls.ThrowIfRefused(_calls.Update(null, v, MapCalls.OnlyExisting), $"push to map '{_calls.Name}'");
    }

    public bool TryPop(out T value)
    {
        value = default;
        fixed (T* v = &value)
            return IsThere(_calls.Take(null, v), "pop from");
    }

    public bool TryPeek(out T value)
    {
        value = default;
        fixed (T* v = &value)
            return IsThere(_calls.Lookup(null, v), "peek into");
    }

    private bool IsThere(Errno errno, string operation)
    {
        if (errno is Errno.ENOENT)
            return false;
        _calls.ThrowIfRefused(errno, $"{operation} map '{_calls.Name}'");
        return true;
    }
}
