using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <content>Flows that began while there were no rules.</content>
public sealed partial class NftablesMasquerade
{
    /// <summary>
    /// Raised by the first <see cref="Apply"/>, when its rules are in force and before flows that began without them are ended: the moment to remove whoever translated
    /// until then. What a handler throws, <see cref="Apply"/> throws, and the next one raises this again. A handler must not call the engine.
    /// </summary>
    public event EventHandler? FirstRulesApplied;

    /// <summary>
    /// Raised when flows that began while there were no rules, and so kept their own address, were ended, with how many: their next packets are translated. On the
    /// thread of <see cref="Apply"/>, or on one of the engine's after the table was put back; a handler must not throw.
    /// </summary>
    public event EventHandler<int>? StraysEnded;

    private int EndStrays(MasqueradeState state)
    {
        if (!_mayStray)
            return 0;
        _ = Libc.WaitForReaders(); // a packet that is on its way without the rules may still begin a connection
        var ended = _namespace.Run(() =>
        {
            using var routes = new RouteNetlink();
            var survey = NetworkSurvey.Take(FindsDevices);
            var strays = new StrayConnections(state, DevicesOf(survey).Select(static device => device.Index).ToHashSet(), survey, routes);
            return _connections.List().Where(strays.Contains).Count(_connections.Delete);
        });
        _mayStray = false;
        return ended;
    }

    private void TellStrays(int ended)
    {
        if (ended > 0)
            StraysEnded?.Invoke(this, ended);
    }
}
