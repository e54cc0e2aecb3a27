using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// Has the eBPF engine translate on what a table of nf_tables and connection tracking translated, and removes the table. At each moment one of the two translates what
/// leaves, to the same address and port. Answers are dropped as long as both know a flow, and none begins.
/// </summary>
internal sealed class TableHandover : IDisposable
{
    private readonly string _table;
    private readonly NftNetlink _nftables;
    private readonly ConntrackNetlink _connections;
    private readonly ConnectionRules _rules;
    private readonly IFlowTable[] _tables;
    private readonly List<(ConntrackEntry Entry, HandedFlow Flow, IFlowTable Table)> _taken = [];
    private int _ended;
    private string? _reason;

    private TableHandover(string table, NftNetlink nftables, ConnectionRules rules, IFlowTable[] tables) =>
        (_table, _nftables, _connections, _rules, _tables) = (table, nftables, new(), rules, tables);

    /// <summary>Opens it, in the network namespace of the calling thread.</summary>
    /// <param name="table">The name of the table.</param>
    /// <param name="owner">Whose it must be; <see langword="null"/>: whoever's it is.</param>
    /// <param name="rules">Which connections the rules mean that are to come.</param>
    /// <param name="tables">The flows of the engine.</param>
    /// <returns><see langword="null"/> if there is no such table.</returns>
    /// <exception cref="DatapathInUseException">A process manages the table.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static TableHandover? TryOpen(string table, string? owner, ConnectionRules rules, IFlowTable[] tables) =>
        NftablesMasquerade.OpenToRemove(table, owner) is { } nftables ? new(table, nftables, rules, tables) : null;

    /// <summary>
    /// Before there are rules: no flow begins any more at the devices, those that the table has translated are taken, and what is translated until it goes passes as it is.
    /// Connections that are not translated, though by the rules they would be, stay so: they are from outside, or began when there were other rules.
    /// </summary>
    /// <param name="devices">The devices.</param>
    public void Begin(IEnumerable<MasqueradeDevice> devices)
    {
        _nftables.Commit(RuleCompiler.HoldNewFlows(_table, devices.Select(static device => device.Name)));
        _ = Libc.WaitForReaders(); // a packet may be past the question
        var entries = _connections.List();
        var kept = entries.Where(static entry => !entry.HasOtherSource).SelectMany(
            static entry => new[] { HandedFlow.EndsOf(entry.Original), HandedFlow.AnswersOf(entry.Original) });
        foreach (var (table, flows) in FlowTables.Sort(_tables, kept.Where(_rules.Translate), static ends => ends))
            table.Keep(flows);
        ConntrackEntry[] translated = [.. entries.Where(entry => entry.HasOtherSource && !HandedFlow.IsOver(entry) && _rules.Translate(entry)).OrderBy(static entry => entry.TcpState == Ctnl.TCP_CONNTRACK_TIME_WAIT)]; // should there be no room
        foreach (var (table, group) in FlowTables.Sort(_tables, translated, static entry => HandedFlow.AnswersOf(entry.Reply)))
        {
            table.Keep(group.Select(static entry => HandedFlow.AnswersOf(entry.Reply)));
            foreach (var entry in group)
            {
                if (HandedFlow.Of(entry) is { } flow && TryAdd(table, flow))
                    _taken.Add((entry, flow, table));
                else
                    _ended++;
            }
        }
    }

    private bool TryAdd(IFlowTable table, HandedFlow flow)
    {
        try
        {
            return table.TryAdd(flow);
        }
        catch (BpfException e) when (e.Errno is Errno.E2BIG or Errno.ENOMEM)
        {
            _reason ??= e.Message;
            return false;
        }
    }

    /// <summary>When there are rules: the table goes.</summary>
    public MasqueradeTakeover Finish()
    {
        _ = new TableWriter(_nftables, _table).Remove();

        // Another's table may have the kernel translate on what it knows, and both at once is too much.
        foreach (var (entry, _, _) in _taken)
            _ = _connections.Delete(entry);
        return new(_table, _taken.Count, _ended, _reason);
    }

    /// <summary>The table stays, and translates on.</summary>
    public void Undo()
    {
        foreach (var (_, flow, table) in _taken)
            table.Remove(flow);
        _nftables.Commit(RuleCompiler.ReleaseNewFlows(_table));
    }

    public void Dispose()
    {
        _connections.Dispose();
        _nftables.Dispose();
    }
}
