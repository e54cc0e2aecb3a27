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
        var command = new Command("uninstall", "Detaches the programs and deletes the pins, and what either engine of masquerading left. Connections to services stay. A running agent must be stopped first. Nothing there: exit code 0 too.")
        {
            CommonOptions.Config,
            CommonOptions.BpfRoot,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var options = CommonOptions.ReadOptions(arguments);
        var bpfRoot = options.BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        AgentSocket.ThrowIfAgentRuns(bpfRoot);
        AgentSocket.RemoveStale(bpfRoot);
        try
        {
            Console.WriteLine(PinnedDatapath.Uninstall(bpfRoot) ? $"removed '{bpfRoot}'" : $"no datapath in '{bpfRoot}', nothing to remove there");
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOTEMPTY)
        {
            RemoveMasquerade(options); // somebody else's pins in the folder keep nothing else from going
            throw;
        }

        return RemoveMasquerade(options);
    }

    // Of both engines, whichever is configured now: the last start may have had the other.
    private static int RemoveMasquerade(DatapathOptions options)
    {
        using var host = OpenIfThere(options.HostNetworkNamespace);
        if (host is null)
        {
            Console.WriteLine($"network namespace '{options.HostNetworkNamespace}' is gone, and what masqueraded in it with it");
            RemovePrograms(options);
            return ExitCode.Done;
        }

        host.Run(() =>
        {
            RemoveTable(options.ToNftablesOptions());
            RemovePrograms(options);
        });
        return ExitCode.Done;
    }

    private static NetworkNamespace? OpenIfThere(string path)
    {
        try
        {
            return NetworkNamespace.Open(path);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTTY) // the latter for a name whose mount is gone
        {
            return null;
        }
    }

    private static void RemovePrograms(DatapathOptions options)
    {
        var pins = options.ToMasqueradeOptions().BpfRoot;
        if (LinuxMasquerade.Uninstall(pins))
            Console.WriteLine($"removed '{pins}'");
    }

    // That of another pin folder stays.
    private static void RemoveTable(NftablesMasqueradeOptions wanted)
    {
        if (NftablesMasquerade.Uninstall(wanted.Table, wanted.Owner))
            Console.WriteLine($"removed table '{wanted.Table}'");
    }
}
