using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Datapath.Agent.Output;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>monitor</c>: dials to services as they happen.</summary>
internal static class MonitorCommand
{
    private static readonly TimeSpan s_lossInterval = TimeSpan.FromSeconds(1);

    private static readonly Option<string?> s_service = new("--service", "-s")
    {
        Description = "Only dials to a service, NAMESPACE/NAME. Needs the running agent, which knows the names.",
        HelpName = "SERVICE",
    };

    private static readonly Option<int> s_count = MonitorNumber.Create("--count", "End after so many dials. Default: go on.", static _ => int.MaxValue);

    public static Command Create()
    {
        var command = new Command("monitor", "Prints dials to services as they happen, a line each: time, verdict, client, process, service, address and where it went or why it did not. Needs root and a pinned datapath, but no running agent; one at a time. Ends with Ctrl-C, when nobody reads its output, or after --count. Nothing pinned: exit code 4.")
        {
            s_service,
            s_count,
            CommonOptions.Config,
            CommonOptions.Output,
        };
        foreach (var option in MonitorFilter.Options)
            command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        if (!PinnedDatapath.Exists(bpfRoot))
            return await NothingThereAsync($"nothing is pinned in '{bpfRoot}'; a datapath with lifetime process is heard only by its own process").ConfigureAwait(false);
        var names = new AgentNames(bpfRoot);
        await names.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var service = arguments.GetValue(s_service);
        if (service is not null && !names.HasAgent)
            return await NothingThereAsync($"no agent runs for '{bpfRoot}', so nothing is known of '{service}'; --address needs none").ConfigureAwait(false);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var monitor = DialMonitor.Open(bpfRoot, MonitorFilter.Read(arguments) with { PodNames = names.PodOf, NamespacePods = names.PodIn });
        await Console.Error.WriteLineAsync($"datapath-agent: listening to the dials of '{bpfRoot}'").ConfigureAwait(false);
        var shown = await ShowAsync(monitor, names, service, arguments.GetValue(s_count), CommonOptions.IsJson(arguments), stop).ConfigureAwait(false);
        monitor.Dispose();
        await Console.Error.WriteLineAsync($"datapath-agent: {shown} dials shown, {monitor.Lost} lost").ConfigureAwait(false);
        return ExitCode.Done;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> ShowAsync(DialMonitor monitor, AgentNames names, string? service, int count, bool isJson, CancellationTokenSource stop)
    {
        var shown = 0;
        var losses = new LossReport(monitor);
        using var output = new LineOutput();
        try
        {
            await using var dials = monitor.ReadAllAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
            while (!output.IsClosed && shown < count)
            {
                var next = dials.MoveNextAsync();
                if (!next.IsCompleted)
                    output.Flush(); // before the wait, not for each dial: a burst is written in large pieces
                if (output.IsClosed)
                    await stop.CancelAsync().ConfigureAwait(false);
                if (!await next.ConfigureAwait(false))
                    break;
                losses.Tell();
                await names.RefreshAsync(stop.Token).ConfigureAwait(false);
                var row = DialRow.Of(dials.Current, names.ServiceAt(dials.Current.Service));
                if (service is not null && row.Service != service)
                    continue;
                output.WriteLine(isJson ? JsonSerializer.Serialize(row, ReportJson.Line.DialRow) : row.ToString());
                shown++;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // somebody has seen enough
        }

        return shown;
    }

    private static async Task<int> NothingThereAsync(string message)
    {
        await Console.Error.WriteLineAsync($"datapath-agent: {message}").ConfigureAwait(false);
        return ExitCode.NothingThere;
    }

    /// <summary>Tells of dials that found no room, while it happens.</summary>
    private sealed class LossReport(DialMonitor monitor)
    {
        private long _told;
        private long _at = Stopwatch.GetTimestamp();

        public void Tell()
        {
            if (Stopwatch.GetElapsedTime(_at) < s_lossInterval)
                return;
            _at = Stopwatch.GetTimestamp();
            var lost = monitor.Lost;
            if (lost > _told)
                Console.Error.WriteLine($"datapath-agent: {lost - _told} dials lost: they come faster than they are read; --sample or a larger monitor:bufferSize helps");
            _told = lost;
        }
    }
}
