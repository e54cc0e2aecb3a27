using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>lb list</c>: what the kernel holds.</summary>
internal static class LbListCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Lists frontends, ranges of them and backends as the kernel holds them, read from the pinned maps. Needs root, but no running agent. Nothing pinned: exit code 4.")
        {
            CommonOptions.Config,
            CommonOptions.Output,
        };
        list.SetAction(Run);
        return new("lb", "The load balancer in the kernel.") { list };
    }

    private static int Run(ParseResult arguments)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        if (!PinnedDatapath.Exists(bpfRoot))
        {
            Console.Error.WriteLine($"datapath-agent: nothing is pinned in '{bpfRoot}'");
            return ExitCode.NothingThere;
        }

        var rows = Rows.Kernel(PinnedDatapath.Read(bpfRoot), PinnedDatapath.ReadRanges(bpfRoot));
        if (CommonOptions.IsJson(arguments))
            Json.Write(rows, ReportJson.Readable.IReadOnlyListKernelRow);
        else
            Screen.KernelTable(rows);
        return ExitCode.Done;
    }
}
