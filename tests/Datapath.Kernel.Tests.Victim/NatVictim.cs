using System.Globalization;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Victim;

/// <summary>Egress NAT at device eth0 of the network namespace in which the process was started, pinned.</summary>
public static class NatVictim
{
    /// <summary>The argument that asks for one that does as it is told.</summary>
    public const string Obedient = "obedient";

    /// <summary>
    /// Arguments: the pin folder, the most flows and, if it is not just to wait, <see cref="Obedient"/> (see <see cref="Obey"/>), "listening" or the step at which it is to die on the way to its end.
    /// </summary>
    internal static void Run(ReadOnlySpan<string> args)
    {
        var options = new LinuxMasqueradeOptions { Devices = ["eth0"], BpfRoot = args[0], MaxFlows = int.Parse(args[1], CultureInfo.InvariantCulture) };
        if (args is [.., Obedient])
        {
            using var obedient = LinuxMasquerade.Open(options);
            Obey(obedient);
            return;
        }

        if (args is [.., "listening"])
        {
            using var heard = LinuxMasquerade.Open(options);
            using var monitor = MasqueradeMonitor.Open(heard);
            Console.WriteLine("ready");
            Thread.Sleep(Timeout.Infinite);
        }

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

    /// <summary>Keeps the rules in force, and then applies those that each line of input names by the destinations that are not translated, until it is killed.</summary>
    internal static void Obey(IMasquerade masquerade)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } kept)
        {
            masquerade.Apply(NatRules.Of(kept.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
            Console.WriteLine("applied");
        }
    }

    private static LinuxMasquerade Start(LinuxMasqueradeOptions options)
    {
        var masquerade = LinuxMasquerade.Open(options);
        masquerade.Apply(NatRules.Of());
        return masquerade;
    }
}
