using System.Runtime.CompilerServices;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Maps;

/// <summary>A hash of some size, one element at a time and in bulk.</summary>
internal sealed unsafe class HashOperations : IDisposable
{
    private const int Portion = 4096; // as BpfHashMap reads

    private readonly int _count;
    private readonly int _fd;
    private readonly IMapTwin _twin;
    private readonly BpfMap _map;
    private readonly BpfHashMap<MapKey, MapValue> _typed;
    private readonly PinnedArray<MapKey> _keys;
    private readonly PinnedArray<MapValue> _values;
    private readonly PinnedArray<MapKey> _readKeys;
    private readonly PinnedArray<MapValue> _readValues;

    public HashOperations(IMapTwin twin, int count, MapSpec spec)
    {
        (_twin, _count) = (twin, count);
        _map = BpfMap.Create(spec);
        _fd = (int)_map.Handle.DangerousGetHandle();
        _typed = _map.AsHash<MapKey, MapValue>();
        _keys = new(count, static i => new((ulong)(i + 1) * 0x9e3779b97f4a7c15, (ulong)i, 0));
        _values = new(count, static i => new((ulong)i, 0));
        (_readKeys, _readValues) = (new(count), new(count));
    }

    /// <summary>The operations that other kinds of hashes are measured by too.</summary>
    public IEnumerable<MapOperation> Core(string kind) =>
        All.Where(static operation => !double.IsNaN(operation.Least)).Select(operation => operation with { Name = $"{kind}: {operation.Name}" });

    public IEnumerable<MapOperation> All =>
    [
        new("add (Set)", _count, MapOperation.Element, Clear, () => TwinEach(IMapTwin.UpdateElem), Set),
        new("replace (Set)", _count, MapOperation.Element, Fill, () => TwinEach(IMapTwin.UpdateElem), Set),
        new("find (TryGetValue)", _count, MapOperation.Element, Fill, () => TwinReadEach(IMapTwin.LookupElem), Find),
        new("remove (Remove)", _count, MapOperation.Element, Fill, () => TwinEach(IMapTwin.DeleteElem, isKeyOnly: true), Remove),
        new("take (TryTake)", _count, MapOperation.Element, Fill, () => TwinReadEach(IMapTwin.LookupAndDeleteElem), Take),
        new("walk over keys (Keys)", _count, double.NaN, Fill, () => _twin.Walk(_fd, _readKeys.First, sizeof(MapKey), _count), Walk),
        new("add all (SetAll)", _count, MapOperation.Bulk, Clear, () => _twin.Write(_fd, IMapTwin.UpdateBatch, _keys.First, _values.First, _count), SetAll),
        new("replace all (SetAll)", _count, MapOperation.Bulk, Fill, () => _twin.Write(_fd, IMapTwin.UpdateBatch, _keys.First, _values.First, _count), SetAll),
        new("remove all (RemoveAll)", _count, MapOperation.Bulk, Fill, () => _twin.Write(_fd, IMapTwin.DeleteBatch, _keys.First, null, _count), RemoveAll),
        new("read all into memory (CopyTo)", _count, MapOperation.Bulk, Fill, TwinRead, CopyTo),
        new("read all into a new list (ToList)", _count, double.NaN, Fill, () => _twin.List(_fd, _count, Portion), ToList),
        new("ToList; the twin into memory in use", _count, double.NaN, Fill, TwinRead, ToList),
    ];

    public void Dispose() => _map.Dispose();

    private void TwinEach(int command, bool isKeyOnly = false) =>
        _twin.Each(_fd, command, _keys.First, sizeof(MapKey), isKeyOnly ? null : _values.First, sizeof(MapValue), _count);

    // Into the same place each time, as Find does.
    private void TwinReadEach(int command) => _twin.Each(_fd, command, _keys.First, sizeof(MapKey), _readValues.First, 0, _count);

    private void TwinRead() => _twin.Read(_fd, _readKeys.First, sizeof(MapKey), _readValues.First, sizeof(MapValue), _count, Portion);

    private void Fill() => _typed.SetAll(_keys.Items, _values.Items);

    private void Clear()
    {
        Fill();
        RemoveAll();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Set()
    {
        for (var i = 0; i < _count; i++)
            _typed.Set(in _keys.Items[i], in _values.Items[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find()
    {
        for (var i = 0; i < _count; i++)
            Check(_typed.TryGetValue(in _keys.Items[i], out _));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Remove()
    {
        for (var i = 0; i < _count; i++)
            Check(_typed.Remove(in _keys.Items[i]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Take()
    {
        for (var i = 0; i < _count; i++)
            Check(_typed.TryTake(in _keys.Items[i], out _));
    }

    private void Walk() => Check(_typed.Keys.Count() == _count);

    private void SetAll() => _typed.SetAll(_keys.Items, _values.Items);

    private void RemoveAll() => Check(_typed.RemoveAll(_keys.Items) == _count);

    private void CopyTo() => Check(_typed.CopyTo(_readKeys.Items, _readValues.Items) == _count);

    private void ToList() => Check(_typed.ToList().Count == _count);

    private static void Check(bool isRight)
    {
        if (!isRight)
            throw new BenchException("elements are missing");
    }
}
