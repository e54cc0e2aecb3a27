using System.Runtime.CompilerServices;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Maps;

/// <summary>Arrays: by calls of the kernel, and as plain memory.</summary>
internal sealed unsafe class ArrayOperations : IDisposable
{
    private const int Slots = 1_000_000;

    private readonly int _count;
    private readonly int _fd;
    private readonly IMapTwin _twin;
    private readonly BpfMap _map;
    private readonly BpfMap _mapped;
    private readonly BpfArray<MapValue> _typed;
    private readonly BpfMappedArray<Slot> _memory;
    private readonly PinnedArray<uint> _keys;
    private readonly PinnedArray<MapValue> _values;
    private ulong _round;

    public ArrayOperations(IMapTwin twin, int count)
    {
        (_twin, _count) = (twin, count);
        _map = BpfMap.Create(MapSpec.Array<MapValue>("bench", (uint)count));
        _mapped = BpfMap.Create(MapSpec.Array<Slot>("bench_memory", Slots, MapFlags.Mappable));
        _fd = (int)_map.Handle.DangerousGetHandle();
        (_typed, _memory) = (_map.AsArray<MapValue>(), _mapped.MapMemory<Slot>());
        _keys = new(count, static i => (uint)i);
        _values = new(count, static i => new((ulong)i, 0));
    }

    public IEnumerable<MapOperation> All =>
    [
        new("array: write each", _count, double.NaN, Nothing, () => TwinEach(IMapTwin.UpdateElem), Write),
        new("array: read each", _count, double.NaN, Nothing, () => TwinEach(IMapTwin.LookupElem), Read),
        new("array: write all (SetAll)", _count, MapOperation.Bulk, Nothing, () => _twin.Write(_fd, IMapTwin.UpdateBatch, _keys.First, _values.First, _count), SetAll),
        new("array: read all into memory (CopyTo)", _count, MapOperation.Bulk, Nothing, TwinRead, CopyTo),
        new("array: read all into a new array (ToArray)", _count, double.NaN, Nothing, TwinRead, ToArray),
        new("array: fill slots in memory (MapMemory)", Slots, MapOperation.Bulk, () => _round++, TwinFill, Fill),
    ];

    public void Dispose()
    {
        _memory.Dispose();
        _mapped.Dispose();
        _map.Dispose();
    }

    private static void Nothing()
    {
    }

    private void TwinEach(int command) => _twin.Each(_fd, command, _keys.First, sizeof(uint), _values.First, sizeof(MapValue), _count);

    private void TwinRead() => _twin.Read(_fd, _keys.First, sizeof(uint), _values.First, sizeof(MapValue), _count, _count);

    private void TwinFill()
    {
        using var range = _memory.Slice(0, Slots);
        fixed (Slot* slots = range.Span)
            _twin.Fill(slots, Slots, _round);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write()
    {
        for (var i = 0; i < _count; i++)
            _typed[i] = _values.Items[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read()
    {
        for (var i = 0; i < _count; i++)
            _values.Items[i] = _typed[i];
    }

    private void SetAll() => _typed.SetAll(0, _values.Items);

    private void CopyTo() => _typed.CopyTo(_values.Items);

    private void ToArray()
    {
        if (_typed.ToArray() is not [.., var last] || last.First != (ulong)(_count - 1))
            throw new BenchException("an element is wrong");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill()
    {
        using var range = _memory.Slice(0, Slots);
        var slots = range.Span;
        var round = _round;
        for (var i = 0; i < slots.Length; i++)
            slots[i] = new(round, (ulong)i, round + (ulong)i);
    }
}
