namespace Datapath.Linux.Bpf;

/// <summary>Waits until no program that runs now is still running, so that what it may have read can be used for something else.</summary>
/// <remarks>
/// Replacing the inner map of a map of maps makes the kernel wait just so (<c>maybe_wait_bpf_programs()</c>, since Linux 4.20): it is how
/// user space may learn that all programs see the new inner map. Takes some 10 ms, most of it asleep.
/// </remarks>
internal sealed unsafe class GracePeriod : IDisposable
{
    private readonly BpfMap _inner;
    private readonly BpfMap _outer;

    public GracePeriod()
    {
        _inner = BpfMap.Create(new() { Name = "dp_grace_inner", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        _outer = BpfMap.Create(
            new() { Name = "dp_grace", Type = MapType.ArrayOfMaps, KeySize = 4, ValueSize = 4, MaxEntries = 1 }, btf: null, innerMap: _inner);
    }

    /// <summary>Waits.</summary>
    public void Wait()
    {
        using var lease = _inner.Handle.Lease();
        var fd = lease.Fd;
        _outer.UpdateRaw(0, new ReadOnlySpan<byte>(&fd, sizeof(uint)));
    }

    public void Dispose()
    {
        _outer.Dispose();
        _inner.Dispose();
    }
}
