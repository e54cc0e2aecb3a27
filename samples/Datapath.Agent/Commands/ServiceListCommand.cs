using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Agent.Status;

namespace Datapath.Agent.Commands;

/// <summary><c>service list</c>: services and their backends.</summary>
internal static class ServiceListCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Lists services, frontends and backends with their states, as the running agent knows them. Without an agent: exit code 4; `lb list` shows what the kernel holds.")
        {
            CommonOptions.Config,
            CommonOptions.Output,
        };
        list.SetAction(RunAsync);
        return new("service", "Services.") { list };
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        if (await AgentSocket.ReadAsync(bpfRoot, cancellationToken).ConfigureAwait(false) is not { } agent)
        {
            await Console.Error.WriteLineAsync($"datapath-agent: no agent runs for '{bpfRoot}'; `lb list` shows what the kernel holds").ConfigureAwait(false);
            return ExitCode.NothingThere;
        }

        if (CommonOptions.IsJson(arguments))
        {
            Json.Write(agent.Services, ReportJson.Default.IReadOnlyListServiceRow);
            return ExitCode.Done;
        }

        Screen.ServiceTable(agent.Services);
        return ExitCode.Done;
    }
}
