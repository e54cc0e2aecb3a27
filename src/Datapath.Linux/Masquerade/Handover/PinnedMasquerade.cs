using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>What an eBPF engine left pinned, of whichever version, while no process manages it. Nobody else does as long as this is open.</summary>
internal sealed class PinnedMasquerade : IDisposable
{
    // Renewed as long as flows are handed over: should the process be killed, new ones wait no longer than that.
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    private readonly PinFolder _pins;
    private readonly NatStateMap? _state; // null: not understood
    private readonly Dictionary<string, BpfMap> _maps = new(StringComparer.Ordinal);
    private readonly IFlowTable[] _tables = [];

    private PinnedMasquerade(PinFolder pins)
    {
        _pins = pins;
        try
        {
            _state = NatStateMap.IsOfThisVersion(pins.Path) ? NatStateMap.TryOpenPinned(pins.Path) : null;
            if (_state is null || !FlowTables.Maps.All(name => File.Exists(pins.MapPath(name))))
                return;
            foreach (var name in FlowTables.Maps)
                _maps.Add(name, BpfMap.OpenPinned(pins.MapPath(name)));
            _tables = FlowTables.Of(_maps);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens it, if there is any.</summary>
    /// <exception cref="DatapathInUseException">A process manages it.</exception>
    /// <exception cref="LinuxException">The folder may not be read.</exception>
    public static PinnedMasquerade? TryOpen(string bpfRoot) => PinFolder.OpenToRemove(bpfRoot, NatStateMap.ReadOwner) is { } pins ? new(pins) : null;

    /// <summary>Whether its flows are understood, and those of a network namespace.</summary>
    public bool IsIn(NetworkNamespace network) => _tables.Length != 0 && _state!.Value.Network == network.Cookie;

    /// <summary>Lets no flow begin for a moment. Call it again from time to time.</summary>
    public void HoldNewFlows() => _state!.HoldNewFlows(s_hold);

    /// <summary>Has all be as it was before flows were handed over.</summary>
    public void GoOn()
    {
        foreach (var table in _tables)
            table.Unsink();
        _state!.ReleaseNewFlows();
    }

    /// <summary>The flows that are translated. If new ones are held back there are no others.</summary>
    public KnownFlow[] ReadFlows()
    {
        Wait(); // a program that runs now may be past the question
        return [.. _tables.SelectMany(static table => table.Read())];
    }

    /// <summary>The flows that are left alone, and when each ends if no packet comes.</summary>
    public (FlowEnds Ends, TimeSpan Remaining)[] ReadKept() => [.. _tables.SelectMany(static table => table.ReadKept())];

    /// <summary>Drops what comes for these flows, and lets pass of some what somebody else has translated already.</summary>
    /// <param name="all">All flows: connection tracking is to learn of none by an answer.</param>
    /// <param name="handed">Those that go on.</param>
    public void HandOver(IEnumerable<KnownFlow> all, IEnumerable<HandedFlow> handed)
    {
        Keep(handed.Select(static flow => flow.TranslatedEnds));
        foreach (var (table, group) in FlowTables.Sort(_tables, all, static known => new(known.Flow.Source, known.Flow.Peer, known.Flow.Protocol)))
            table.Sink(group);
        Wait(); // a packet may be past the programs
    }

    /// <summary>Lets flows pass that somebody else has translated already.</summary>
    private void Keep(IEnumerable<FlowEnds> flows)
    {
        foreach (var (table, group) in FlowTables.Sort(_tables, flows, static ends => ends))
            table.Keep(group);
    }

    /// <summary>Ends all flows, and tells who listens.</summary>
    public void EndFlows()
    {
        if (_state is not { IsHeard: true })
        {
            foreach (var table in _tables)
                table.Clear();
            return;
        }

        var maps = FlowSweepObject.SharedMaps.ToDictionary(static name => name, name => BpfMap.OpenPinned(_pins.MapPath(name)));
        try
        {
            using var sweeper = FlowSweeper.Load(new(), maps);
            sweeper.EndAll();
        }
        finally
        {
            foreach (var map in maps.Values)
                map.Dispose();
        }
    }

    /// <summary>Detaches the programs and deletes the pins. Below Linux 6.6 call it in the network namespace of the devices.</summary>
    public void Remove()
    {
        foreach (var path in _pins.ListLinks().Order(StringComparer.Ordinal)) // on the way out first: no flow begins whose answers are not taken back
            PinFolder.Detach(path);
        using (var route = new RouteNetlink())
        {
            foreach (var device in route.ListLinks())
                NatHook.RemoveFilters(device.Index, _pins);
        }

        EndFlows(); // no program is left that could make another; flows of another version are not understood: who listens to them hears of the removal alone
        _pins.Delete();
    }

    private static void Wait()
    {
        using var gracePeriod = new GracePeriod();
        gracePeriod.Wait();
    }

    public void Dispose()
    {
        foreach (var map in _maps.Values)
            map.Dispose();
        _state?.Dispose();
        _pins.Dispose();
    }
}
