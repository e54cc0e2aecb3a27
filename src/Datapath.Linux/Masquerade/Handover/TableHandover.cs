using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// Has the eBPF engine translate on what a table of nf_tables and connection tracking translated, and removes the table. At each moment one of the two translates what
/// leaves, to the same address and port. Answers are dropped as long as both know a flow.
/// </summary>
internal sealed class TableHandover : IDisposable
{
    private readonly string _table;
    private readonly NftNetlink _nftables;
    private readonly ConntrackNetlink _connections;
    private readonly ConnectionRules _rules;
    private readonly IFlowTable[] _tables;
    private readonly HashSet<uint> _seen = [];
    private readonly List<ConntrackEntry> _taken = [];
    private int _ended;

    private TableHandover(string table, NftNetlink nftables, ConnectionRules rules, IFlowTable[] tables) =>
        (_table, _nftables, _connections, _rules, _tables) = (table, nftables, new(), rules, tables);

    /// <summary>Begins, in the network namespace of the calling thread.</summary>
    /// <param name="table">The name of the table.</param>
    /// <param name="owner">Whose it must be; <see langword="null"/>: whoever's it is.</param>
    /// <param name="rules">Which connections the rules mean that are to come.</param>
    /// <param name="tables">The flows of the engine.</param>
    /// <returns><see langword="null"/> if there is no such table.</returns>
    /// <exception cref="DatapathInUseException">A process manages the table.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static TableHandover? TryBegin(string table, string? owner, ConnectionRules rules, IFlowTable[] tables) =>
        NftablesMasquerade.OpenToRemove(table, owner) is { } nftables ? new(table, nftables, rules, tables) : null;

    /// <summary>
    /// Before there are rules: connections that are not translated, though by the rules they would be, stay so. They are from outside, or began when there were others.
    /// </summary>
    public void Keep()
    {
        var kept = _connections.List().Where(static entry => !entry.HasOtherSource).SelectMany(
            static entry => new[] { HandedFlow.EndsOf(entry.Original), HandedFlow.AnswersOf(entry.Original) });
        foreach (var (table, flows) in FlowTables.Sort(_tables, kept.Where(_rules.Translate), static ends => ends))
            table.Keep(flows);
    }

    /// <summary>When there are rules: takes the flows that the table has translated, and removes it.</summary>
    public MasqueradeTakeover Finish()
    {
        Take();
        Take(); // those that began meanwhile
        _ = new TableWriter(_nftables, _table).Remove();

        // Another's table may have the kernel translate on what it knows, and both at once is too much.
        foreach (var entry in _taken)
            _ = _connections.Delete(entry);
        return new(_table, _taken.Count, _ended);
    }

    public void Dispose()
    {
        _connections.Dispose();
        _nftables.Dispose();
    }

    private void Take()
    {
        ConntrackEntry[] found = [.. _connections.List().Where(entry => entry.HasOtherSource && _rules.Translate(entry) && _seen.Add(entry.Key.Id))];
        var flows = found.Select(static entry => (Entry: entry, Flow: HandedFlow.Of(entry))).Where(static pair => pair.Flow is not null).ToArray();
        _ended += found.Length - flows.Length;
        foreach (var (table, group) in FlowTables.Sort(_tables, flows, static pair => pair.Flow!.Ends))
        {
            table.Keep(group.Select(static pair => pair.Flow!.TranslatedEnds)); // what the table translates until it goes is to pass as it is
            foreach (var (entry, flow) in group)
            {
                if (table.TryAdd(flow!))
                    _taken.Add(entry);
                else
                    _ended++;
            }
        }
    }
}
