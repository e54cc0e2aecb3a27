using Datapath.Bench.Twins;

namespace Datapath.Bench.Rings;

/// <summary>The reader of ring.c.</summary>
internal sealed unsafe class RingTwin : IDisposable
{
    private readonly CompiledTwin _twin;
    private readonly void* _ring;

    public RingTwin(CompiledTwin twin, EventRing events)
    {
        _twin = twin;
        var open = (delegate* unmanaged<int, ulong, void*>)twin.Function("twin_ring_open");
        _ring = open((int)events.Map.Handle.DangerousGetHandle(), events.Map.Info.MaxEntries);
        if (_ring is null)
            throw new BenchException("the C reader cannot map its ring");
    }

    public long Drain(ref ulong sum)
    {
        fixed (ulong* s = &sum)
            return (long)((delegate* unmanaged<void*, ulong*, nint>)_twin.Function("twin_ring_drain"))(_ring, s);
    }

    /// <summary>Waits for so many events and reads them.</summary>
    public void Consume(long count, ref ulong sum)
    {
        fixed (ulong* s = &sum)
            ((delegate* unmanaged<void*, nint, ulong*, void>)_twin.Function("twin_ring_consume"))(_ring, (nint)count, s);
    }

    public void Dispose() => ((delegate* unmanaged<void*, void>)_twin.Function("twin_ring_close"))(_ring);
}
