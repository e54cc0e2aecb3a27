using System.Diagnostics;
using System.Globalization;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A process that manages pinned egress NAT in a network namespace, until it is killed.</summary>
internal sealed class NatVictimProcess : IDisposable
{
    private readonly Process _process;

    public NatVictimProcess(NetworkNamespace network, LinuxMasqueradeOptions options, params IEnumerable<string> more)
        : this(network, ["masquerade", options.BpfRoot, options.MaxFlows.ToString(CultureInfo.InvariantCulture), .. more])
    {
    }

    private NatVictimProcess(NetworkNamespace network, string[] arguments)
    {
        var start = DotnetHost.Prepare(typeof(NatRules).Assembly.Location, arguments);
        start.RedirectStandardInput = true;
        _process = network.Run(() => Process.Start(start))!;
    }

    public int Id => _process.Id;

    /// <summary>Starts one that adopts the rules in force, and then does as it is told.</summary>
    public static NatVictimProcess StartObedient(NetworkNamespace network, LinuxMasqueradeOptions options) => new(network, options, NatVictim.Obedient);

    /// <summary>The same, with the nftables engine.</summary>
    public static NatVictimProcess StartObedientNftables(NetworkNamespace network) => new(network, [NftablesVictim.Name, NatVictim.Obedient]);

    /// <summary>Starts one that adopts the rules in force, and watches.</summary>
    public static NatVictimProcess StartListening(NetworkNamespace network, LinuxMasqueradeOptions options) => new(network, options, "listening");

    /// <summary>Runs one that puts rules in force and is killed at a step on the way.</summary>
    /// <returns>Whether it was killed; if not, it has no such step and has come to its end.</returns>
    public static bool DiesAt(int step, NetworkNamespace network, LinuxMasqueradeOptions options)
    {
        using var victim = new NatVictimProcess(network, options, step.ToString(CultureInfo.InvariantCulture));
        var said = victim._process.StandardOutput.ReadToEnd();
        victim._process.WaitForExit();
        Assert.That((victim._process.ExitCode, said.Trim()), Is.EqualTo((128 + 9, "")).Or.EqualTo((0, "done")), victim._process.StandardError.ReadToEnd());
        return victim._process.ExitCode != 0;
    }

    /// <summary>Waits until its rules are in force.</summary>
    public void WaitUntilReady() => Assert.That(_process.StandardOutput.ReadLine(), Is.EqualTo("ready"), () => _process.StandardError.ReadToEnd());

    /// <summary>Tells an obedient one which destinations are to be kept.</summary>
    public void Tell(params IEnumerable<string> kept) => _process.StandardInput.WriteLine(string.Join(' ', kept));

    /// <summary>Waits until what it was told is in force.</summary>
    public void WaitUntilApplied() => Assert.That(_process.StandardOutput.ReadLine(), Is.EqualTo("applied"), () => _process.StandardError.ReadToEnd());

    /// <summary>Ends it by SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it by SIGKILL, if it has not ended.</summary>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
