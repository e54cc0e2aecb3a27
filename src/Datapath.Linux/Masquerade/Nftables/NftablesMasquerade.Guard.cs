using System.Collections.Immutable;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <content>What others do to the table, and how it stands.</content>
public sealed partial class NftablesMasquerade
{
    private readonly DisturbanceHistory _history = new(TimeProvider.System);
    private readonly FaultListeners _faultListeners;
    private volatile NftablesTableChange? _failing; // that cannot be put back

    /// <summary>
    /// Raised when somebody else changed or deleted the table, after it was put back, and when it cannot be put back, once until that is for another reason. On
    /// a thread of the engine's; a handler must not throw.
    /// </summary>
    public event EventHandler<NftablesTableChange>? TableChanged;

    /// <summary>How it is now: what it covers, and what may leak.</summary>
    /// <exception cref="LinuxException">The kernel refused to list its devices or routes.</exception>
    public LinuxMasqueradeStatus GetStatus() => _namespace.Run(() =>
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var survey = NetworkSurvey.Take(asksRoutes: true);
            var devices = DevicesOf(survey);
            return new LinuxMasqueradeStatus
            {
                Devices = devices,
                Warnings =
                [
                    .. _history.Warn(),
                    .. StatusWarnings.OfTable(_options.Table, _guard.Failure, _guard.Deafness),
                    .. StatusWarnings.Of(_watcher?.Failure, areAdopted: _hadRules && _state is null, withoutRouteSource: 0, mappedByPeer: 0, devices),
                    .. RouteLeaks.Find(_state ?? MasqueradeState.Off, survey.Routes, survey.Links, devices.Select(static device => device.Index).ToHashSet()),
                ],
            };
        }
    });

    /// <inheritdoc/>
    /// <remarks>That others changed the table is told for a minute, and for as long as it cannot be put back.</remarks>
    public ImmutableArray<string> FindFaults() => [.. _history.WarnIfNew(), .. StatusWarnings.OfTable(_options.Table, _guard.Failure, _guard.Deafness)];

    /// <inheritdoc/>
    /// <remarks>That others changed the table and it cannot be put back.</remarks>
    public string? FindOutage() => _failing is null ? null : StatusWarnings.OfTable(_options.Table, _guard.Failure, deafness: null).FirstOrDefault();

    /// <inheritdoc/>
    public IDisposable WatchForFaults(Action changed) => _faultListeners.Add(changed);

    // Others' changes of the table come here, and losses of whatever changes.
    private bool PutBack(NftChange change)
    {
        NftablesTableChange told;
        var ended = 0;
        lock (_gate)
        {
            if (_isDisposed)
                return false;
            if (_table.IsAsLeft() && !(_mayStray && _state is not null))
            {
                _failing = null; // whoever put it right
                return false;
            }

            told = new(_options.Table, !_tables.ListTables().Contains(_options.Table)) { Program = change.Program, ProcessId = change.ProcessId > 0 ? change.ProcessId : null };
            try
            {
                _mayStray = true;
                PutBack();
                if (_state is { } state)
                    ended = EndStrays(state);
            }
            catch (LinuxException e)
            {
                Tell(told with { Failure = e.Message });
                throw;
            }

            if (_hadRules && _state is null)
                told = told with { Failure = "its rules were those of an earlier process; they are not known here until rules are applied" };
            _hadRules = HasRules();
        }

        _failing = null;
        _history.Add(told.ToString());
        TableChanged?.Invoke(this, told);
        TellStrays(ended);
        return true;
    }

    private void PutBack()
    {
        try
        {
            Remake(isAnew: false);
        }
        catch (NetlinkException) when (_tables.ListTables().Contains(_options.Table))
        {
            Remake(isAnew: true); // something of another kind has a name of ours: all of it goes, with what was counted
        }
    }

    private void Remake(bool isAnew)
    {
        if (_state is { } state)
            Put(state, isAnew);
        else
            MakeTable(isAnew);
    }

    private void Tell(NftablesTableChange failed)
    {
        if (failed.Failure == _failing?.Failure)
            return;
        _failing = failed;
        TableChanged?.Invoke(this, failed);
    }
}
