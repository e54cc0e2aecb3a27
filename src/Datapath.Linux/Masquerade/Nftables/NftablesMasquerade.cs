using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <summary>
/// Egress NAT at devices of a network namespace, by a table of nf_tables and the kernel's own connection tracking. The table goes on translating without the
/// process, see <see cref="NftablesMasqueradeOptions.Lifetime"/>; while there is a process, what others do to it is undone at once. Needs root, or
/// CAP_NET_ADMIN. Minimum kernel: 5.4; 5.10 if it is to find the devices.
/// </summary>
public sealed partial class NftablesMasquerade : IMasquerade
{
    private readonly Lock _gate = new();
    private readonly NftablesMasqueradeOptions _options;
    private readonly NetworkNamespace _namespace;
    private readonly NftNetlink _tables;
    private readonly TableWriter _table;
    private readonly TableGuard _guard;
    private readonly ConntrackNetlink _connections;
    private readonly DeviceWatcher? _watcher; // patterns need none: the kernel compares names
    private bool _mayStray; // flows may have begun while there were no rules
    private bool _hasBegun; // has had rules of its own
    private bool _hadRules; // of an earlier process, as long as there are no others
    private MasqueradeState? _state; // in force, as far as it is of this process
    private RuleNames? _rules; // that say so
    private ImmutableArray<string> _found = []; // the devices that they know, if no pattern means them
    private bool _isDisposed;

    private NftablesMasquerade(NftablesMasqueradeOptions options, NetworkNamespace network)
    {
        (_options, _namespace) = (options, network);
        _faultListeners = new(FindFaults);
        _tables = new();
        try
        {
            _table = new(_tables, options.Table);
            _guard = new(options.Table, _tables.ReadPortId(), PutBack, _faultListeners.TellIfNew);
            _connections = new();
            _watcher = FindsDevices ? new(asksRoutes: true, FollowDevices) : null;
            if (FindOtherOwner(_tables, options.Table, options.Owner) is { } other)
                throw new IncompatibleStateException($"table '{options.Table}' belongs to '{other}'; uninstall that, or choose another Table");
            TableLock.Take(_tables, options.Table);
            _hadRules = HasRules();
            _mayStray = !_hadRules;
            MakeTable(isAnew: false);
        }
        catch
        {
            _watcher?.Dispose();
            _connections?.Dispose();
            _guard?.Dispose();
            _tables.Dispose();
            throw;
        }

        _guard.Start();
        _watcher?.Start();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// They are looked for when asked. The addresses are those that <see cref="LinuxMasquerade"/> would give; of a device with several of a family
    /// the kernel chooses by the next hop and, for IPv6, by the destination.
    /// </remarks>
    public ImmutableArray<MasqueradeDevice> Devices => _namespace.Run(() => DevicesOf(NetworkSurvey.Take(FindsDevices)));

    private bool FindsDevices => _options.Devices.IsDefaultOrEmpty;

    /// <summary>
    /// Makes the table, in the network namespace of the calling thread. Until <see cref="Apply"/> nothing is translated or tracked for it, unless there is the table of
    /// an earlier process: its rules stay in force until then.
    /// </summary>
    /// <param name="options">What it is to be.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IncompatibleStateException">The table is another owner's.</exception>
    /// <exception cref="DatapathInUseException">Another process manages the table. Minimum kernel: 5.12; before that it is not noticed.</exception>
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
    /// <param name="owner">
    /// Whose it must be, see <see cref="NftablesMasqueradeOptions.Owner"/>: one of another owner stays, one that tells no owner goes. Default:
    /// <see langword="null"/>, whoever's it is.
    /// </param>
    /// <returns>Whether there was one. On a kernel without nf_tables there is none.</returns>
    /// <exception cref="ArgumentException">No table or owner is called so.</exception>
    /// <exception cref="DatapathInUseException">A process manages it, and would put it back.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static bool Uninstall(string table = NftablesMasqueradeOptions.DefaultTable, string? owner = null)
    {
        NftablesOptionsCheck.ThrowIfNoName(table);
        NftablesOptionsCheck.ThrowIfNoOwner(owner);
        using var tables = OpenToRemove(table, owner);
        return tables is not null && new TableWriter(tables, table).Remove();
    }

    /// <inheritdoc/>
    /// <exception cref="NetlinkException">
    /// The kernel refused; the message names what. The rules before stay in force, unless it was their removal that was refused.
    /// </exception>
    /// <exception cref="LinuxException">Another owner has a table of that name by now.</exception>
    /// <remarks>
    /// If there were no rules before, the kernel may have seen flows without them, and would never translate those: it is told to forget them, so that their next packet
    /// begins a new flow. Those are connections that a source of the rules began, that have no other source, and that the rules translate.
    /// </remarks>
    public void Apply(MasqueradeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        int ended;
        MasqueradeTakeover? takeover = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            using var previous = _hasBegun || _options.PreviousBpfRoot is not { } root ? null : PinnedMasquerade.TryOpen(root);
            if (previous is null)
            {
                Put(state, isAnew: false);
                ended = EndStrays(state);
            }
            else
            {
                (takeover, ended) = TakeOver(previous, state);
            }

            _hasBegun = true;
            _failing = null; // the table is as it is to be, whatever the guard met before
        }

        if (takeover is not null)
            TookOver?.Invoke(this, takeover);
        TellStrays(ended);
    }

    /// <summary>
    /// The flows of the network namespace whose source is translated, in no order, whoever translates them: connection tracking does not tell. The age is
    /// not known unless net.netfilter.nf_conntrack_timestamp was on when the flow began, and the idle time is told by whole seconds, from what is left of the lifetime.
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
    /// Lets go. With the pinned lifetime the table stays and flows go on. With the process's lifetime it goes, and flows that were translated end, unless another
    /// table of the network namespace translates sources, too: while there is none, the kernel does not even look flows up.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refused to remove the table.</exception>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        _guard.Dispose();
        _watcher?.Dispose();
        try
        {
            if (_options.Lifetime is DatapathLifetime.Process)
                _ = _table.Remove();
        }
        finally
        {
            _tables.Dispose();
            _connections.Dispose();
            _namespace.Dispose();
        }
    }

    /// <summary>The tables, locked for one that a process left behind.</summary>
    /// <returns><see langword="null"/> if there is none of that name and owner.</returns>
    internal static NftNetlink? OpenToRemove(string table, string? owner)
    {
        var tables = NftNetlink.OpenIfKnown();
        try
        {
            if (tables is not null && FindOtherOwner(tables, table, owner) is null && tables.ListTables().Contains(table))
            {
                TableLock.Take(tables, table);
                return tables;
            }
        }
        catch
        {
            tables?.Dispose();
            throw;
        }

        tables?.Dispose();
        return null;
    }

    private bool HasRules() => _tables.ListChains(_options.Table).Any(static name => RuleNames.GenerationOf(name) is not null);

    private void MakeTable(bool isAnew)
    {
        ThrowIfTaken();
        _table.Begin();
        _table.Commit(RuleCompiler.MakeTable(_options, isAnew));
        if (_tables.ListChains(_options.Table).Contains(RuleNames.Hold))
            _table.Commit(RuleCompiler.ReleaseNewFlows(_options.Table)); // a process was killed while it took the place
        _table.End();
    }

    private void Put(MasqueradeState state, bool isAnew, Action? beforeSwitch = null)
    {
        ThrowIfTaken();
        _table.Begin();
        string[] chains = [.. _tables.ListChains(_options.Table).Where(static name => RuleNames.GenerationOf(name) is not null)];
        string[] sets = [.. _tables.ListSets(_options.Table).Where(static name => RuleNames.GenerationOf(name) is not null)];
        var names = new RuleNames((chains.Concat(sets).Max(RuleNames.GenerationOf) ?? -1) + 1);

        // Sets that are made with the rules that ask them are empty for a moment: kernels put the elements in after the rules are in force.
        var found = FindNames();
        _table.Commit(RuleCompiler.MakeRules(_options, names, state, found, isAnew));
        beforeSwitch?.Invoke();
        _table.Commit(RuleCompiler.SwitchTo(_options, names, state));
        (_state, _rules, _found) = (state, names, found);

        // A packet that is on its way through the rules before must find all of them. If that cannot be told they go with the next change.
        if (!isAnew && Libc.WaitForReaders())
            _table.Commit(RuleCompiler.RemoveRules(_options.Table, chains, sets));
        _table.End();
    }

    // Somebody deleted ours, and made another of the same name.
    private void ThrowIfTaken()
    {
        if (FindOtherOwner(_tables, _options.Table, _options.Owner) is { } other)
            throw new LinuxException($"change table '{_options.Table}'", Errno.EEXIST, $"it belongs to '{other}' by now");
    }

    private ImmutableArray<MasqueradeDevice> DevicesOf(NetworkSurvey survey) =>
        [.. DeviceSearch.Find(_options.Devices, _options.NodeAddresses, survey).Select(static found => found.Device).OrderBy(static device => device.Name, StringComparer.Ordinal)];

    private ImmutableArray<string> FindNames() => FindsDevices ? [.. Devices.Select(static device => device.Name)] : [];

    // The kernel is told of those alone that come and go, all at once, so none that stays is missing for a moment.
    private void FollowDevices()
    {
        lock (_gate)
        {
            if (_isDisposed || _rules is not { } rules)
                return;
            var found = FindNames();
            if (found.SequenceEqual(_found))
                return;
            _table.BeginPart();
            _table.Commit(RuleCompiler.ChangeDevices(_options.Table, rules, _found.Except(found), found.Except(_found)));
            _found = found;
            _table.End();
        }
    }

    // A table that tells no owner was made by somebody who gave none, or by a kernel that keeps none.
    private static string? FindOtherOwner(NftNetlink tables, string table, string? owner) =>
        owner is not null && tables.ReadComment(table) is { } other && other != owner ? other : null;

    private static MasqueradeFlow Flow(ConntrackEntry entry, TimeSpan idle, DateTimeOffset now) => new(
        End(entry.Original.Source), End(entry.Reply.Destination), End(entry.Reply.Source), entry.Original.Protocol,
        entry.BeganAt is { } began ? (began < now ? now - began : TimeSpan.Zero) : null, idle, entry.IsAnswered)
    {
        ExpiresIn = entry.Remaining,
    };

    private static FlowEnd End(IPEndPoint end) => new(end.Address, (ushort)end.Port);
}
