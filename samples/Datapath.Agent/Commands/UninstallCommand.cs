using System.CommandLine;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>uninstall</c>: takes everything out of the kernel.</summary>
internal static class UninstallCommand
{
    public static Command Create()
    {
        var command = new Command("uninstall", "Detaches the programs and deletes the pins. Connections that exist stay. A running agent must be stopped first. Nothing there: exit code 0 too.")
        {
            CommonOptions.Config,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        AgentSocket.ThrowIfAgentRuns(bpfRoot);
        AgentSocket.RemoveStale(bpfRoot);
        Console.WriteLine(PinnedDatapath.Uninstall(bpfRoot) ? $"removed '{bpfRoot}'" : $"nothing in '{bpfRoot}'");
        return ExitCode.Done;
    }
}
