using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Datapath.Agent.Output;
using Datapath.Agent.Status;

namespace Datapath.Agent.Commands;

/// <summary>What the running agent knows, as a list.</summary>
internal static class AgentListing
{
    /// <summary>Makes a command <c>list</c>.</summary>
    /// <param name="description">What it lists.</param>
    /// <param name="otherwise">What helps where no agent runs.</param>
    /// <param name="rows">The rows, from the agent's report.</param>
    /// <param name="type">Their JSON.</param>
    /// <param name="print">Prints them for people.</param>
    public static Command Create<T>(
        string description, string otherwise, Func<AgentReport, IReadOnlyList<T>> rows, JsonTypeInfo<IReadOnlyList<T>> type, Action<IReadOnlyList<T>> print)
    {
        var list = new Command("list", $"{description}, as the running agent knows them. Without an agent: exit code 4; {otherwise}.") { CommonOptions.Config, CommonOptions.BpfRoot, CommonOptions.Output };
        list.SetAction(async (arguments, cancellationToken) =>
        {
            var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
            if (await AgentSocket.ReadObjectsAsync(bpfRoot, cancellationToken).ConfigureAwait(false) is not { } agent)
            {
                await Console.Error.WriteLineAsync($"datapath-agent: no agent runs for '{bpfRoot}'; {otherwise}").ConfigureAwait(false);
                return ExitCode.NothingThere;
            }

            if (CommonOptions.IsJson(arguments))
                Json.Write(rows(agent), type);
            else
                print(rows(agent));
            return ExitCode.Done;
        });
        return list;
    }
}
