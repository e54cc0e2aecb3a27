using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>
/// Warns early where ports run short: when a peer has more than 70 % of the range, and once more when it has less than 60 % again. Flows are read only if
/// there are so many that one peer could have that part.
/// </summary>
internal sealed class PortUseWatch(IMasquerade masquerade, IOptions<DatapathOptions> options, TimeProvider time, ILogger<PortUseWatch> logger)
    : PeriodicWatch("the use of ports", Interval, time, logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private const double High = 0.7;
    private const double Low = 0.6;

    private readonly Dictionary<(System.Net.IPAddress, FlowEnd, byte), MasqueradePortUse> _warned = [];

    protected override bool IsNeeded => options.Value.Masquerade.Enabled;

    protected override void Look()
    {
        var ports = options.Value.Masquerade.UsablePorts;
        if (_warned.Count == 0 && masquerade.CountFlows() < High * ports)
            return;

        // What sources keep towards all peers outlives a change of the range, and takes no room in the new one.
        var range = options.Value.Masquerade.Ports;
        var uses = MasqueradePortUse.Of(masquerade.ReadFlows().Where(flow => !flow.IsMapping || range.Contains(flow.Translated.Port)), ports);
        var now = uses.Where(static use => use.Use >= Low).ToDictionary(static use => (use.Translated, use.Peer, use.Protocol));
        foreach (var (key, use) in now)
        {
            if (use.Use >= High && _warned.TryAdd(key, use))
                Log.PortsRunShort(Logger, use);
        }

        foreach (var (key, use) in _warned.Where(item => !now.ContainsKey(item.Key)).ToArray())
        {
            _ = _warned.Remove(key);
            Log.PortsAreBack(Logger, use.Translated, use.Peer);
        }
    }
}
