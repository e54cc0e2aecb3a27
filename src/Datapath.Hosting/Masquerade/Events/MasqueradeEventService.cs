using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Listens to the eBPF engine of masquerading: warns of drops, and keeps the log of mappings if there is to be one. What fails is tried again.</summary>
internal sealed class MasqueradeEventService(
    IMasquerade masquerade, IOptions<DatapathOptions> options, TimeProvider time, DatapathMonitor datapath, ILogger<MasqueradeEventService> logger) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);
    private string? _failure;

    private MasqueradeOptions Wanted => options.Value.Masquerade;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Wanted.Enabled || masquerade is not LinuxMasquerade engine || (!Wanted.WarnsOfDrops && Wanted.MappingLog is null))
            return;
        using var log = Wanted.MappingLog is { } path ? new MappingLogWriter(new(path), time, datapath, logger) : null;
        while (true)
        {
            try
            {
                await ListenAsync(engine, log, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is LinuxException or MasqueradeMonitorInUseException)
            {
                Tell(e.Message);
            }

            await Task.Delay(s_retry, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task ListenAsync(LinuxMasquerade engine, MappingLogWriter? log, CancellationToken stoppingToken)
    {
        using var monitor = MasqueradeMonitor.Open(engine, new() { KeepsLog = true, Packets = Wanted.WarnsOfDrops, Mappings = log is not null });
        if (_failure is not null)
            (_failure, datapath.MappingLogFailure) = (null, null);
        var pump = new MasqueradeEventPump(
            new(monitor.ReadAllAsync, () => monitor.Lost, () => monitor.Gaps, engine.ReadFlows), Wanted.WarnsOfDrops ? new(time, logger) : null, log, time);
        try
        {
            if (log is not null)
            {
                // Flows that began before are found, after it is listened: what begins meanwhile may have both lines.
                log.WriteOpened();
                pump.NoteFlows(log, DateTimeOffset.MinValue);
            }

            await pump.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            monitor.Dispose(); // what was not told is known by then
            pump.Finish();
        }
    }

    private void Tell(string failure)
    {
        if (failure != _failure)
            Log.NotListening(logger, failure);
        _failure = failure;
        if (Wanted.MappingLog is not null)
            datapath.MappingLogFailure = failure;
    }
}
