using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <summary>
/// Egress NAT at devices of a network namespace, by a table of nf_tables and the kernel's own connection tracking. The table stays when the process
/// ends without <see cref="Dispose"/>, and goes on translating. Needs root, or CAP_NET_ADMIN. Minimum kernel: 5.4; 5.10 if it is to find the devices.
/// </summary>
public sealed class NftablesMasquerade : IMasquerade
{
    private readonly Lock _gate = new();
    private readonly NftablesMasqueradeOptions _options;
    private readonly NetworkNamespace _namespace;
    private readonly NftNetlink _tables;
    private readonly ConntrackNetlink _connections;
    private readonly DeviceWatcher? _watcher; // patterns need none: the kernel compares names
    private RuleNames? _rules; // in force, as far as they are of this process
    private ImmutableArray<string> _found = []; // the devices that they know, if no pattern means them
    private bool _isDisposed;

    private NftablesMasquerade(NftablesMasqueradeOptions options, NetworkNamespace network)
    {
        (_options, _namespace) = (options, network);
        _tables = new();
        try
        {
            _connections = new();
            _watcher = FindsDevices ? new(asksRoutes: true, FollowDevices) : null;
            _tables.Commit(RuleCompiler.MakeTable(options.Table));
        }
        catch
        {
            _watcher?.Dispose();
            _connections?.Dispose();
            _tables.Dispose();
            throw;
        }

        _watcher?.Start();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// They are looked for when asked. The addresses are those that <see cref="LinuxMasquerade"/> would give; of a device with several of a family
    /// the kernel chooses by the next hop and, for IPv6, by the destination.
    /// </remarks>
    public ImmutableArray<MasqueradeDevice> Devices => _namespace.Run(() =>
        DeviceSearch.Find(_options.Devices, _options.NodeAddresses, NetworkSurvey.Take(FindsDevices)).Select(static found => found.Device)
            .OrderBy(static device => device.Name, StringComparer.Ordinal).ToImmutableArray());

    private bool FindsDevices => _options.Devices.IsDefaultOrEmpty;

    /// <summary>
    /// Makes the table, in the network namespace of the calling thread. Until <see cref="Apply"/> nothing is translated, unless there is the table of a
    /// process that was killed: its rules stay in force until then.
    /// </summary>
    /// <param name="options">What it is to be.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="LinuxException">The kernel refused, or was built without nf_tables; the message says what.</exception>
    public static NftablesMasquerade Open(NftablesMasqueradeOptions options)
    {
        NftablesOptionsCheck.ThrowIfInvalid(options);
        var network = NetworkNamespace.OpenCurrent();
        try
        {
            return new(options, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Removes the table that a process left behind, in the network namespace of the calling thread.</summary>
    /// <param name="table">Its name.</param>
    /// <returns>Whether there was one. On a kernel without nf_tables there is none.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static bool Uninstall(string table = NftablesMasqueradeOptions.DefaultTable)
    {
        NftablesOptionsCheck.ThrowIfNoName(table);
        using var tables = NftNetlink.OpenIfKnown();
        return tables is not null && Remove(tables, table);
    }

    /// <inheritdoc/>
    /// <exception cref="NetlinkException">
    /// The kernel refused; the message names what. The rules before stay in force, unless it was their removal that was refused.
    /// </exception>
    public void Apply(MasqueradeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            string[] chains = [.. _tables.ListChains(_options.Table).Where(static name => RuleNames.GenerationOf(name) is not null)];
            string[] sets = [.. _tables.ListSets(_options.Table).Where(static name => RuleNames.GenerationOf(name) is not null)];
            var names = new RuleNames((chains.Concat(sets).Max(RuleNames.GenerationOf) ?? -1) + 1);

            // Sets that are made with the rules that ask them are empty for a moment: kernels put the elements in after the rules are in force.
            var found = FindNames();
            _tables.Commit(RuleCompiler.MakeRules(_options, names, state, found));
            _tables.Commit(RuleCompiler.SwitchTo(_options, names));
            (_rules, _found) = (names, found);

            // A packet that is on its way through the rules before must find all of them. If that cannot be told they go with the next change.
            if (Libc.WaitForReaders())
                _tables.Commit(RuleCompiler.RemoveRules(_options.Table, chains, sets));
        }
    }

    /// <summary>
    /// The flows of the network namespace whose source is translated, in no order, whoever translates them: connection tracking does not tell. The age is
    /// zero unless net.netfilter.nf_conntrack_timestamp is on, and the idle time is told by whole seconds, from what is left of the lifetime.
    /// </summary>
    public ImmutableArray<MasqueradeFlow> ReadFlows()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _namespace.Run(() =>
            {
                var lifetimes = new ConntrackLifetimes();
                var now = TimeProvider.System.GetUtcNow();
                return _connections.List().Where(static entry => entry.HasOtherSource).Select(entry => Flow(entry, lifetimes.IdleTimeOf(entry), now)).ToImmutableArray();
            });
        }
    }

    /// <summary>How it is now: what it covers, and what is amiss.</summary>
    /// <exception cref="LinuxException">The kernel refused to list its devices.</exception>
    public LinuxMasqueradeStatus GetStatus()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var devices = Devices;
        return new() { Devices = devices, Warnings = [.. StatusWarnings.Of(_watcher?.Failure, areAdopted: false, withoutRouteSource: 0, mappedByPeer: 0, devices)] };
    }

    /// <summary>
    /// How many flows began, by the rule that decided (<see cref="MasqueradeReason"/>), and as <c>Flows</c> those that were to be translated. They count on
    /// through changes of the rules, and from where a process that was killed left them.
    /// </summary>
    public ImmutableSortedDictionary<string, long> ReadCounters()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _tables.ReadCounters(_options.Table).ToImmutableSortedDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>
    /// Removes the table. Flows that were translated end, unless another table of the network namespace translates sources, too: while there is none, the
    /// kernel does not even look flows up.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        _watcher?.Dispose();
        try
        {
            _ = Remove(_tables, _options.Table);
        }
        finally
        {
            _tables.Dispose();
            _connections.Dispose();
            _namespace.Dispose();
        }
    }

    private ImmutableArray<string> FindNames() => FindsDevices ? [.. Devices.Select(static device => device.Name)] : [];

    // The kernel is told of those alone that come and go, all at once, so none that stays is missing for a moment.
    private void FollowDevices()
    {
        lock (_gate)
        {
            if (_isDisposed || _rules is not { } rules)
                return;
            var found = FindNames();
            _tables.Commit(RuleCompiler.ChangeDevices(_options.Table, rules, _found.Except(found), found.Except(_found)));
            _found = found;
        }
    }

    private static bool Remove(NftNetlink tables, string table)
    {
        if (!tables.ListTables().Contains(table))
            return false;
        var batch = new NftBatch(table);
        batch.DeleteTable();
        tables.Commit(batch);
        return true;
    }

    private static MasqueradeFlow Flow(ConntrackEntry entry, TimeSpan idle, DateTimeOffset now) => new(
        End(entry.Original.Source), End(entry.Reply.Destination), End(entry.Reply.Source), entry.Original.Protocol,
        entry.BeganAt is { } began && began < now ? now - began : TimeSpan.Zero, idle, entry.IsAnswered)
    {
        ExpiresIn = entry.Remaining,
    };

    private static FlowEnd End(IPEndPoint end) => new(end.Address, (ushort)end.Port);
}
