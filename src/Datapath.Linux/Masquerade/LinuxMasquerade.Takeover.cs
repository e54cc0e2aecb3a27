using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <content>Takes the place of an nftables engine.</content>
public sealed partial class LinuxMasquerade
{
    /// <summary>
    /// Raised by the first <see cref="Apply"/> when it took the place of <see cref="LinuxMasqueradeOptions.PreviousTable"/>, on its thread; a handler must not throw.
    /// </summary>
    public event EventHandler<MasqueradeTakeover>? TookOver;

    private MasqueradeTakeover? ApplyFirst(MasqueradeState state) => _namespace.Run(() =>
    {
        var tables = FlowTables.Of(_object.Maps);
        using var routes = new RouteNetlink();
        var rules = new ConnectionRules(state, _devices.Devices.Select(static device => device.Index).ToHashSet(), NetworkSurvey.Take(asksRoutes: false), routes);
        using var handover = _options.PreviousTable is { } table ? TableHandover.TryOpen(table, _options.PreviousTableOwner, rules, tables) : null;
        try
        {
            handover?.Begin(_devices.Devices);
            _rules.Set(state, ListInterfaces());
        }
        catch
        {
            handover?.Undo();
            throw;
        }

        var takeover = handover?.Finish();

        // Also what a process left that was killed while it handed flows over, to here or from here.
        foreach (var own in tables)
            own.Unsink();
        return takeover;
    });
}
