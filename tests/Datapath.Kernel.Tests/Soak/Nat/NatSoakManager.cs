using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>The process that manages pinned egress NAT, ended and begun again in all ways, mostly with tables of another size.</summary>
internal sealed class NatSoakManager
{
    private const int MostSteps = 40; // of a start; a later one is not reached, and nobody dies
    private static readonly int[] s_sizes = [8_192, 16_384, 12_000];
    private static readonly string[] s_destinations = ["198.51.100.0/24", "203.0.113.0/24", "169.254.169.254/32", "2001:db8:99::/48", "fd97::/16"];

    private readonly NatLab _lab;
    private readonly Random _random;
    private readonly Action<MasqueradeState, Action> _change;
    private int _endedAddresses;

    /// <param name="lab">Where.</param>
    /// <param name="random">What the ways follow from.</param>
    /// <param name="change">Notes that rules change, while something is done that puts them in force.</param>
    public NatSoakManager(NatLab lab, Random random, Action<MasqueradeState, Action> change)
    {
        (_lab, _random, _change) = (lab, random, change);
        Listen();
    }

    public int Restarts { get; private set; }

    public int Kills { get; private set; }

    /// <summary>How often flows were ended because their address was gone.</summary>
    public int EndedAddresses => Volatile.Read(ref _endedAddresses);

    /// <summary>The options of a lab that is to be managed.</summary>
    public static LinuxMasqueradeOptions Options(LinuxMasqueradeOptions options, TestPins pins) => options with
    {
        Lifetime = DatapathLifetime.Pinned,
        BpfRoot = pins.Path,
        MaxFlows = s_sizes[0],
        SweepInterval = TimeSpan.FromSeconds(1),
        Lifetimes = new() { TcpClosing = TimeSpan.FromSeconds(5), OneWay = TimeSpan.FromSeconds(5), TwoWay = TimeSpan.FromSeconds(5), Icmp = TimeSpan.FromSeconds(5) },
    };

    /// <summary>Ends the manager and begins it again.</summary>
    /// <param name="next">The rules that come next.</param>
    public void Restart(MasqueradeState next)
    {
        switch (_random.Next(3))
        {
            case 0:
                Close(next);
                break;
            case 1:
                KillInAChange();
                break;
            default:
                KillInAStart();
                break;
        }

        Restarts++;
    }

    /// <summary>Waits until flows that have ended are forgotten, though not for ever. Each is over a second after its last packet.</summary>
    /// <returns>How many entries are left.</returns>
    public int CountEntriesLeft()
    {
        var second = TimeSpan.FromSeconds(1);
        _lab.Reopen(_lab.Options with
        {
            Lifetimes = new() { TcpOpening = second, TcpEstablished = second, TcpHalfClosed = second, TcpClosing = second, OneWay = second, TwoWay = second, Icmp = second },
        });
        return FlowEntries.WaitUntilNoneIsTranslated(_lab).Translated;
    }

    private void Close(MasqueradeState next) => _change(next, () => Begin(next));

    private void KillInAChange()
    {
        _lab.Masquerade.Dispose();
        using var victim = NatVictimProcess.StartObedient(_lab.Node, OtherSize());
        victim.WaitUntilReady();
        var (first, second) = (Some(), Some());
        _change(NatRules.Of(first), () =>
        {
            victim.Tell(first);
            victim.WaitUntilApplied();
        });
        var last = NatRules.Of(second);
        _change(last, () =>
        {
            victim.Tell(second);
            Thread.Sleep(_random.Next(4)); // anywhere in what it does
            victim.Kill();
            Kills++;
            Begin(last);
        });
    }

    private void KillInAStart()
    {
        var last = NatRules.Of();
        _change(last, () =>
        {
            _lab.Masquerade.Dispose();
            if (NatVictimProcess.DiesAt(_random.Next(MostSteps), _lab.Node, OtherSize()))
                Kills++;
            Begin(last);
        });
    }

    private void Begin(MasqueradeState rules)
    {
        _lab.Reopen(OtherSize());
        Listen();
        _lab.Masquerade.Apply(rules);
    }

    private void Listen() => _lab.Ebpf.AddressChanged += (_, change) => _ = change.AreEnded ? Interlocked.Increment(ref _endedAddresses) : 0;

    private LinuxMasqueradeOptions OtherSize() => _lab.Options with { MaxFlows = s_sizes[_random.Next(s_sizes.Length)] };

    private string[] Some() => [.. s_destinations.Where(_ => _random.Next(2) == 0)];
}
