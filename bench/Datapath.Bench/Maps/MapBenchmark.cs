using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Maps;

/// <summary>Part D: what the typed view of a hash map costs over the system calls that it makes.</summary>
internal sealed unsafe class MapBenchmark : IDisposable
{
    private readonly BpfMap _map;
    private readonly BpfHashMap<MapKey, MapValue> _typed;
    private readonly RawMap _raw;
    private readonly MapKey[] _keys;
    private readonly MapValue[] _values;
    private readonly MapKey[] _readKeys;
    private readonly MapValue[] _readValues;

    private MapBenchmark(int count)
    {
        _map = BpfMap.Create(new()
        {
            Name = "bench",
            Type = MapType.Hash,
            KeySize = (uint)sizeof(MapKey),
            ValueSize = (uint)sizeof(MapValue),
            MaxEntries = (uint)count,
        });
        _typed = _map.AsHash<MapKey, MapValue>();
        _raw = new(_map);
        _keys = [.. Enumerable.Range(1, count).Select(static i => new MapKey((ulong)i * 0x9e3779b97f4a7c15, (ulong)i, 0))];
        _values = [.. Enumerable.Range(1, count).Select(static i => new MapValue((ulong)i, 0))];
        _readKeys = new MapKey[count];
        _readValues = new MapValue[count];
    }

    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        var (count, rounds) = options.IsQuick ? (10_000, 3) : (100_000, 9);
        using var benchmark = new MapBenchmark(count);
        var table = new ResultTable(
            "D",
            $"Map operations, ns per element (hash, 24-byte key, 16-byte value, {count} elements; median of rounds, quartiles)",
            "operation", "raw system calls", "quartiles", "BpfHashMap", "its quartiles", "ratio");
        Operation[] operations =
        [
            new("add (Set)", benchmark.RawSet, benchmark.TypedSet),
            new("replace (Set)", benchmark.RawSet, benchmark.TypedSet),
            new("find (TryGetValue)", benchmark.RawFind, benchmark.TypedFind),
            new("read all (ToList; raw: one LOOKUP_BATCH)", benchmark.RawReadAll, benchmark.TypedReadAll),
            new("remove (Remove)", benchmark.RawRemove, benchmark.TypedRemove),
            new("add all (raw: one UPDATE_BATCH)", benchmark.RawSetAll, null),
            new("remove all", benchmark.RawRemove, null), // clears up
        ];
        PinnedThread.Run(options.Cpu, () =>
        {
            for (var round = -1; round < rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                benchmark.Round(operations, isTyped: round % 2 == 0, isKept: round >= 0);
                benchmark.Round(operations, isTyped: round % 2 != 0, isKept: round >= 0);
            }
        });
        foreach (var operation in operations.SkipLast(1))
        {
            table.Add(
                operation.Name,
                Cell.Number(operation.RawSample.Median),
                Cell.Spread(operation.RawSample),
                Cell.Number(operation.TypedSample.Median),
                Cell.Spread(operation.TypedSample),
                Cell.Number(operation.TypedSample.Median / operation.RawSample.Median, "0.00"));
        }

        return table;
    }

    public void Dispose() => _map.Dispose();

    private void Round(Operation[] operations, bool isTyped, bool isKept)
    {
        foreach (var operation in operations)
        {
            if ((isTyped ? operation.Typed : operation.Raw) is not { } run)
                continue;
            var start = Stopwatch.GetTimestamp();
            run();
            var nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / _keys.Length;
            if (isKept)
                (isTyped ? operation.TypedSample : operation.RawSample).Add(nanoseconds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RawSet()
    {
        fixed (MapKey* keys = _keys)
        fixed (MapValue* values = _values)
        {
            for (var i = 0; i < _keys.Length; i++)
                Interop.Libc.Check(_raw.Element(RawMap.UpdateElem, keys + i, values + i), "update");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TypedSet()
    {
        for (var i = 0; i < _keys.Length; i++)
            _typed.Set(in _keys[i], in _values[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RawFind()
    {
        MapValue value;
        fixed (MapKey* keys = _keys)
        {
            for (var i = 0; i < _keys.Length; i++)
                Interop.Libc.Check(_raw.Element(RawMap.LookupElem, keys + i, &value), "lookup");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TypedFind()
    {
        for (var i = 0; i < _keys.Length; i++)
        {
            if (!_typed.TryGetValue(in _keys[i], out _))
                throw new BenchException("a key is missing");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RawRemove()
    {
        fixed (MapKey* keys = _keys)
        {
            for (var i = 0; i < _keys.Length; i++)
                Interop.Libc.Check(_raw.Element(RawMap.DeleteElem, keys + i, null), "delete");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TypedRemove()
    {
        for (var i = 0; i < _keys.Length; i++)
        {
            if (!_typed.Remove(in _keys[i]))
                throw new BenchException("a key is missing");
        }
    }

    private void RawSetAll()
    {
        fixed (MapKey* keys = _keys)
        fixed (MapValue* values = _values)
            Interop.Libc.Check(_raw.Batch(RawMap.UpdateBatch, keys, values, _keys.Length), "update batch");
    }

    private void RawReadAll()
    {
        fixed (MapKey* keys = _readKeys)
        fixed (MapValue* values = _readValues)
            _ = _raw.Batch(RawMap.LookupBatch, keys, values, _keys.Length); // ENOENT: that was the last batch
    }

    private void TypedReadAll()
    {
        if (_typed.ToList().Count != _keys.Length)
            throw new BenchException("elements are missing");
    }

    private sealed record Operation(string Name, Action Raw, Action? Typed)
    {
        public Sample RawSample { get; } = new();

        public Sample TypedSample { get; } = new();
    }
}
