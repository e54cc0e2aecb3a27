using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>
/// Warns early where ports run short: when a peer has more than 70 % of the range, and once more when it has less than 60 % again. Flows are read only if
/// there are so many that one peer could have that part.
/// </summary>
internal sealed partial class PortUseWatch(IMasquerade masquerade, IOptions<DatapathOptions> options, TimeProvider time, ILogger<PortUseWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private const double High = 0.7;
    private const double Low = 0.6;

    private readonly Dictionary<(System.Net.IPAddress, FlowEnd, byte), MasqueradePortUse> _warned = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Masquerade.Enabled)
            return;
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(false);
            Look();
        }
    }

    private void Look()
    {
        var ports = options.Value.Masquerade.UsablePorts;
        if (_warned.Count == 0 && masquerade.CountFlows() < High * ports)
            return;
        var uses = MasqueradePortUse.Of(masquerade.ReadFlows(), ports);
        var now = uses.Where(static use => use.Use >= Low).ToDictionary(static use => (use.Translated, use.Peer, use.Protocol));
        foreach (var (key, use) in now)
        {
            if (use.Use >= High && _warned.TryAdd(key, use))
                Messages.RunsShort(logger, use);
        }

        foreach (var (key, use) in _warned.Where(item => !now.ContainsKey(item.Key)).ToArray())
        {
            _ = _warned.Remove(key);
            Messages.Over(logger, use.Translated, use.Peer);
        }
    }

    private static partial class Messages
    {
        [LoggerMessage(EventId = 1401, Level = LogLevel.Warning, Message = "Masquerading runs short of ports: {Use}; add addresses (masquerade:addresses, masquerade:pools) or ports (masquerade:ports)")]
        public static partial void RunsShort(ILogger logger, MasqueradePortUse use);

        [LoggerMessage(EventId = 1402, Level = LogLevel.Information, Message = "Masquerading has ports again of {Translated} towards {Peer}")]
        public static partial void Over(ILogger logger, System.Net.IPAddress translated, FlowEnd peer);
    }
}
