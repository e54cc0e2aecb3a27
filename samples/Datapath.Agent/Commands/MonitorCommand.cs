using System.CommandLine;
using System.Text.Json;
using Datapath.Agent.Output;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>monitor</c>: dials to services as they happen.</summary>
internal static class MonitorCommand
{
    private static readonly Option<string?> s_service = new("--service", "-s")
    {
        Description = "Only dials to a service, NAMESPACE/NAME. Needs the running agent, which knows the names.",
        HelpName = "SERVICE",
    };

    private static readonly Option<int> s_count = MonitorNumber.Create("--count", "End after so many dials. Default: go on.", static _ => int.MaxValue);

    public static Command Create()
    {
        var command = new Command("monitor", "Prints dials to services as they happen, a line each: time, verdict, client, process, service, address and where it went or why it did not. Needs root and a pinned datapath, but no running agent; one at a time. Ends with Ctrl-C, when nobody reads its output, or after --count. Nothing pinned, or pins that are gone: exit code 4.")
        {
            s_service,
            s_count,
            CommonOptions.Config,
            CommonOptions.BpfRoot,
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
            return await NothingThere.EndAsync($"nothing is pinned in '{bpfRoot}'; a datapath with lifetime process is heard only by its own process").ConfigureAwait(false);
        if (await Pins.FindFaultAsync(bpfRoot, cancellationToken).ConfigureAwait(false) is { } fault)
            return await NothingThere.EndAsync(fault).ConfigureAwait(false);
        var names = new AgentNames(bpfRoot);
        await names.RefreshAsync(cancellationToken).ConfigureAwait(false);
        var service = arguments.GetValue(s_service);
        if (service is not null && !names.HasAgent)
            return await NothingThere.EndAsync($"no agent runs for '{bpfRoot}', so nothing is known of '{service}'; --address needs none").ConfigureAwait(false);

        using var signals = new StopSignals(cancellationToken);
        using var monitor = DialMonitor.Open(bpfRoot, MonitorFilter.Read(arguments) with { PodNames = names.PodOf, NamespacePods = names.PodIn });
        await Console.Error.WriteLineAsync($"datapath-agent: listening to the dials of '{bpfRoot}'").ConfigureAwait(false);
        var isJson = CommonOptions.IsJson(arguments);
        var losses = new LossReport(() => monitor.Lost, () => monitor.Gaps, static lost => $"{lost} dials lost: they come faster than they are read; --sample or a larger monitor:bufferSize helps");
        var shown = await EventLines.ShowAsync(monitor.ReadAllAsync, LineOfAsync, losses, arguments.GetValue(s_count), signals.Stop).ConfigureAwait(false);
        monitor.Dispose();
        losses.TellGaps();
        await Console.Error.WriteLineAsync($"datapath-agent: {shown} dials shown, {monitor.Lost} lost").ConfigureAwait(false);
        return ExitCode.Done;

        async Task<string?> LineOfAsync(ObservedDial dial)
        {
            await names.RefreshAsync(signals.Stop.Token).ConfigureAwait(false);
            var row = DialRow.Of(dial, names.ServiceAt(dial.Service));
            if (service is not null && row.Service != service)
                return null;
            return isJson ? JsonSerializer.Serialize(row, ReportJson.Line.DialRow) : row.ToString();
        }
    }
}
