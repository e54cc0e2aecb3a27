using System.CommandLine;
using Datapath.Agent.Status;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

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

    private static void RemoveMasquerading(string bpfRoot, MasqueradeEngine engine)
    {
        if (LinuxMasquerade.Uninstall(bpfRoot))
            Console.WriteLine($"removed '{bpfRoot}'");
        if (engine is MasqueradeEngine.Nftables && NftablesMasquerade.Uninstall())
            Console.WriteLine($"removed table '{NftablesMasqueradeOptions.DefaultTable}'");
    }

    private static int Run(ParseResult arguments)
    {
        var options = CommonOptions.ReadOptions(arguments);
        var bpfRoot = options.BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        AgentSocket.ThrowIfAgentRuns(bpfRoot);
        AgentSocket.RemoveStale(bpfRoot);
        Console.WriteLine(PinnedDatapath.Uninstall(bpfRoot) ? $"removed '{bpfRoot}'" : $"nothing in '{bpfRoot}'");
        using var host = NetworkNamespace.Open(options.HostNetworkNamespace);
        host.Run(() => RemoveMasquerading(options.ToMasqueradeOptions().BpfRoot, options.Masquerade.Engine));
        return ExitCode.Done;
    }
}
