using System.Globalization;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Victim;

/// <summary>Egress NAT at device eth0 of the network namespace in which the process was started, pinned.</summary>
internal static class NatVictim
{
    /// <summary>Arguments: the pin folder, the most flows and, if it is to die on the way to its end and not to wait, the step.</summary>
    public static void Run(ReadOnlySpan<string> args)
    {
        var options = new LinuxMasqueradeOptions { Devices = ["eth0"], BpfRoot = args[0], MaxFlows = int.Parse(args[1], CultureInfo.InvariantCulture) };
        if (args.Length > 2)
        {
            using var playing = new DyingKernel(int.Parse(args[2], CultureInfo.InvariantCulture)).Play();
            using var dying = Start(options);
            Console.WriteLine("done");
            return;
        }

        using var masquerade = Start(options);
        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
    }

    private static LinuxMasquerade Start(LinuxMasqueradeOptions options)
    {
        var masquerade = LinuxMasquerade.Open(options);
        masquerade.Apply(NatRules.Of());
        return masquerade;
    }
}
