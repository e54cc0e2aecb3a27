using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Linux;

/// <content>Flows that began while there were no rules.</content>
public sealed partial class NftablesMasquerade
{
    /// <summary>
    /// Raised when flows that began while there were no rules, and so kept their own address, were ended, with how many: their next packets are translated. On the
    /// thread of <see cref="Apply"/>, or on one of the engine's after the table was put back; a handler must not throw.
    /// </summary>
    public event EventHandler<int>? StraysEnded;

    // The kernel asks rules about the first packet alone: such flows would keep their own address for as long as they are used.
    private int EndStrays(MasqueradeState state, HashSet<FlowEnds>? kept = null)
    {
        if (!_mayStray)
            return 0;
        _ = Libc.WaitForReaders(); // a packet that is on its way without the rules may still begin a connection
        var ended = Ask(state, rules => _connections.List()
            .Where(entry => !entry.HasOtherSource && kept?.Contains(HandedFlow.EndsOf(entry.Original)) is not true && rules.Translate(entry))
            .Count(_connections.Delete));
        _mayStray = false;
        return ended;
    }

    private T Ask<T>(MasqueradeState state, Func<ConnectionRules, T> question) => _namespace.Run(() =>
    {
        using var routes = new RouteNetlink();
        var survey = NetworkSurvey.Take(FindsDevices);
        return question(new(state, DevicesOf(survey).Select(static device => device.Index).ToHashSet(), survey, routes));
    });

    private void TellStrays(int ended)
    {
        if (ended > 0)
            StraysEnded?.Invoke(this, ended);
    }
}
