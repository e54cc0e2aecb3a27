using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// Gives pinned flows tables of another size. The new tables stand beside the old until the programs of all devices use them, and no flow begins while
/// they are copied and taken over, so that none is missed. A process may be killed at any point of it: either no program uses the new
/// tables, and they are thrown away by the next start, or some may, and it goes on to the end first.
/// </summary>
internal sealed class FlowMove : IDisposable
{
    private const string NextSuffix = "_next";

    private static readonly TimeSpan s_handover = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_copy = TimeSpan.FromMicroseconds(5); // of an entry: several times what it takes

    private static readonly ImmutableArray<(string Map, IMapContent Content)> s_tables =
    [
        (MasqueradeObject.Flows4, new HashContent<FlowKey4, Flow4>("entries, two for each flow")),
        (MasqueradeObject.Flows6, new HashContent<FlowKey6, Flow6>("entries, two for each flow")),
    ];

    private readonly PinFolder _pins;
    private readonly ImmutableArray<MovedTable> _tables;

    private bool _isBegun;

    private FlowMove(PinFolder pins, ImmutableArray<MovedTable> tables) => (_pins, _tables) = (pins, tables);

    /// <summary>The new tables, by the names of the old.</summary>
    public IReadOnlyDictionary<string, BpfMap> Tables => _tables.ToDictionary(static t => t.Name, static t => t.Next);

    private bool IsNeeded => !_tables.IsEmpty;

    /// <summary>
    /// Looks for a move that a process did not end. One that no program knows of is thrown away.
    /// </summary>
    /// <param name="pins">The pins.</param>
    /// <param name="state">The state among them.</param>
    /// <returns>How many entries the tables have to which flows must be moved first; 0: there is nothing to go on with.</returns>
    public static uint FindUnfinished(PinFolder pins, NatStateMap state)
    {
        foreach (var (name, _) in s_tables)
        {
            if (!File.Exists(NextPath(pins, name)))
                continue;
            if (state.IsMoving)
            {
                using var next = BpfMap.OpenPinned(NextPath(pins, name));
                return next.Info.MaxEntries;
            }

            File.Delete(NextPath(pins, name));
        }

        return 0;
    }

    /// <summary>Makes the new tables, if the sizes are others than those before.</summary>
    /// <param name="spec">What is going to be loaded.</param>
    /// <param name="pins">The pins.</param>
    /// <exception cref="IncompatibleMapException">A table differs in more than its size.</exception>
    /// <exception cref="IncompatibleStateException">There are more flows than would have room.</exception>
    public static FlowMove Prepare(BpfObjectSpec spec, PinFolder pins)
    {
        var tables = ImmutableArray.CreateBuilder<MovedTable>();
        try
        {
            using var factory = new BpfMapFactory(spec);
            foreach (var (name, content) in s_tables)
            {
                if (pins.TryOpenMap(name) is not { } old)
                    continue;
                var path = NextPath(pins, name);
                ThrowIfDifferent(old, spec.Maps[name]);
                if (old.Info.MaxEntries == spec.Maps[name].MaxEntries && !File.Exists(path))
                {
                    old.Dispose();
                    continue;
                }

                tables.Add(new(name, content, old, OpenOrMake(spec.Maps[name], factory, path, out var isNew), isNew ? path : null));
                ThrowIfTooSmall(tables[^1], pins);
            }
        }
        catch
        {
            foreach (var table in tables)
                table.Discard();
            throw;
        }

        return new(pins, tables.ToImmutable());
    }

    /// <summary>Copies the flows. None begins from here until <see cref="End"/>.</summary>
    /// <exception cref="IncompatibleStateException">There are more flows than would have room.</exception>
    public void Begin(NatStateMap state)
    {
        if (!IsNeeded)
            return;
        state.HoldNewFlows(s_handover + (s_copy * _tables.Sum(static t => t.Old.Info.MaxEntries))); // not for ever: the process may be killed
        using (var gracePeriod = new GracePeriod())
            gracePeriod.Wait(); // a program that runs now may be past the question
        try
        {
            foreach (var table in _tables)
            {
                ThrowIfTooSmall(table, _pins);
                table.Content.Copy(table.Old, table.Next, _pins);
            }
        }
        catch
        {
            state.ReleaseNewFlows();
            throw;
        }

        _isBegun = true;
        state.IsMoving = true;
    }

    /// <summary>All programs use the new tables: they take the place of the old.</summary>
    public void End(NatStateMap state)
    {
        foreach (var table in _tables)
        {
            BpfPin.Rename(NextPath(_pins, table.Name), _pins.MapPath(table.Name), $"map '{table.Name}'");
            table.Old.Dispose();
        }

        state.IsMoving = false;
        state.ReleaseNewFlows();
    }

    /// <summary>Lets go. If nothing was moved, because the start failed before, nothing of it stays.</summary>
    public void Dispose()
    {
        foreach (var table in _tables)
        {
            if (_isBegun)
                table.Dispose();
            else
                table.Discard();
        }
    }

    private static string NextPath(PinFolder pins, string name) => pins.MapPath(name) + NextSuffix;

    private static void ThrowIfDifferent(BpfMap old, MapSpec spec)
    {
        try
        {
            IncompatibleMapException.ThrowIfDifferent(old.Info with { MaxEntries = spec.MaxEntries }, spec, IncompatibleMapException.StartAfresh);
        }
        catch
        {
            old.Dispose();
            throw;
        }
    }

    private static BpfMap OpenOrMake(MapSpec spec, BpfMapFactory factory, string path, out bool isNew)
    {
        isNew = !File.Exists(path);
        if (!isNew)
            return BpfMap.OpenPinned(path);
        var map = factory.Create(spec);
        try
        {
            map.Pin(path);
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private static void ThrowIfTooSmall(MovedTable table, PinFolder pins)
    {
        var use = table.Content.UseOf(table.Old, pins);
        var room = table.Next.Info.MaxEntries;
        if (use.Least > room)
        {
            throw new IncompatibleStateException(
                $"map '{table.Name}' cannot shrink: MaxFlows is {room / 2}, but {use.Text}; set MaxFlows to {(use.Least + 1) / 2} or more, or wait until flows have ended");
        }
    }

    // NewPath: where the new table was pinned by this start; null if by an earlier one.
    private sealed record MovedTable(string Name, IMapContent Content, BpfMap Old, BpfMap Next, string? NewPath) : IDisposable
    {
        public void Discard()
        {
            if (NewPath is not null)
                File.Delete(NewPath);
            Dispose();
        }

        public void Dispose()
        {
            Old.Dispose();
            Next.Dispose();
        }
    }
}
