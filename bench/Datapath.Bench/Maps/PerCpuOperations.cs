using System.Runtime.CompilerServices;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Maps;

/// <summary>Maps that have a value for each CPU.</summary>
internal sealed unsafe class PerCpuOperations : IDisposable
{
    private readonly int _count;
    private readonly int _valueSize;
    private readonly IMapTwin _twin;
    private readonly BpfMap _hash;
    private readonly BpfMap _array;
    private readonly BpfPerCpuHashMap<MapKey, MapValue> _typedHash;
    private readonly BpfPerCpuArray<MapValue> _typedArray;
    private readonly PinnedArray<MapKey> _keys;
    private readonly PinnedArray<uint> _indexes;
    private readonly PinnedArray<MapKey> _readKeys;
    private readonly PinnedArray<MapValue> _readValues;
    private readonly PinnedArray<MapValue> _values;

    public PerCpuOperations(IMapTwin twin, int count)
    {
        (_twin, _count) = (twin, count);
        _hash = BpfMap.Create(MapSpec.PerCpuHash<MapKey, MapValue>("bench_cpu", (uint)count));
        _array = BpfMap.Create(MapSpec.PerCpuArray<MapValue>("bench_cpu", (uint)count));
        (_typedHash, _typedArray) = (_hash.AsPerCpuHash<MapKey, MapValue>(), _array.AsPerCpuArray<MapValue>());
        var cpus = _typedHash.ValuesPerElement;
        _valueSize = cpus * sizeof(MapValue);
        _keys = new(count, static i => new((ulong)(i + 1) * 0x9e3779b97f4a7c15, (ulong)i, 0));
        _indexes = new(count, static i => (uint)i);
        _readKeys = new(count);
        _readValues = new(count * cpus);
        _values = new(cpus, static i => new((ulong)i, 0));
        Set();
    }

    public IEnumerable<MapOperation> All =>
    [
        new("per-CPU hash: write (Set)", _count, double.NaN, Nothing, () => TwinHash(IMapTwin.UpdateElem), Set),
        new("per-CPU hash: find (TryGetValues)", _count, double.NaN, Nothing, () => TwinHash(IMapTwin.LookupElem), Find),
        new("per-CPU hash: read all (ToList)", _count, double.NaN, Nothing, TwinRead, ToList),
        new("per-CPU array: write (Set)", _count, double.NaN, Nothing, () => TwinArray(IMapTwin.UpdateElem), Write),
        new("per-CPU array: read (Read)", _count, double.NaN, Nothing, () => TwinArray(IMapTwin.LookupElem), Read),
    ];

    public void Dispose()
    {
        _array.Dispose();
        _hash.Dispose();
    }

    private static void Nothing()
    {
    }

    private static int Fd(BpfMap map) => (int)map.Handle.DangerousGetHandle();

    private void TwinHash(int command) => _twin.Each(Fd(_hash), command, _keys.First, sizeof(MapKey), _values.First, 0, _count);

    private void TwinArray(int command) => _twin.Each(Fd(_array), command, _indexes.First, sizeof(uint), _values.First, 0, _count);

    private void TwinRead() => _twin.Read(Fd(_hash), _readKeys.First, sizeof(MapKey), _readValues.First, _valueSize, _count, 1024);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Set()
    {
        for (var i = 0; i < _count; i++)
            _typedHash.Set(in _keys.Items[i], _values.Items);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find()
    {
        for (var i = 0; i < _count; i++)
        {
            if (!_typedHash.TryGetValues(in _keys.Items[i], _values.Items))
                throw new BenchException("a key is missing");
        }
    }

    private void ToList()
    {
        if (_typedHash.ToList().Count != _count)
            throw new BenchException("elements are missing");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write()
    {
        for (var i = 0U; i < _count; i++)
            _typedArray.Set(i, _values.Items);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read()
    {
        for (var i = 0U; i < _count; i++)
            _typedArray.Read(i, _values.Items);
    }
}
