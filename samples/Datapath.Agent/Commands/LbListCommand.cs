using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>lb list</c>: what the kernel holds.</summary>
internal static class LbListCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Lists frontends, ranges of them and backends as the kernel holds them, read from the pinned maps. Needs root, but no running agent, unless its lifetime is process: then it is asked. Nothing pinned, and no such agent, or pins that are gone: exit code 4.")
        {
            CommonOptions.Config,
            CommonOptions.BpfRoot,
            CommonOptions.Output,
        };
        list.SetAction(RunAsync);
        return new("lb", "The load balancer in the kernel.") { list };
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        var isPinned = PinnedDatapath.Exists(bpfRoot);
        if (isPinned && await Pins.FindFaultAsync(bpfRoot, cancellationToken).ConfigureAwait(false) is { } fault)
            return await NothingThere.EndAsync(fault).ConfigureAwait(false);
        var rows = isPinned
            ? Rows.Kernel(PinnedDatapath.Read(bpfRoot), PinnedDatapath.ReadRanges(bpfRoot))
            : await AgentSocket.ReadKernelAsync(bpfRoot, cancellationToken).ConfigureAwait(false);
        if (rows is null)
        {
            await Console.Error.WriteLineAsync($"datapath-agent: nothing is pinned in '{bpfRoot}', and no agent runs for it").ConfigureAwait(false);
            return ExitCode.NothingThere;
        }

        if (CommonOptions.IsJson(arguments))
            Json.Write(rows, ReportJson.Readable.IReadOnlyListKernelRow);
        else
            Screen.KernelTable(rows);
        return ExitCode.Done;
    }
}
