using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Kernel.Tests.Victim;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>The process that manages pinned egress NAT, ended and begun again in all ways.</summary>
internal abstract class NatSoakManager
{
    private static readonly string[] s_destinations = ["198.51.100.0/24", "203.0.113.0/24", "169.254.169.254/32", "2001:db8:99::/48", "fd97::/16"];

    private readonly Action<MasqueradeState, Action> _change;

    /// <param name="lab">Where.</param>
    /// <param name="random">What the ways follow from.</param>
    /// <param name="change">Notes that rules change, while something is done that puts them in force.</param>
    protected NatSoakManager(NatLab lab, Random random, Action<MasqueradeState, Action> change) => (Lab, Random, _change) = (lab, random, change);

    public int Restarts { get; private set; }

    public int Kills { get; private set; }

    /// <summary>How often flows were ended because their address was gone.</summary>
    public virtual int EndedAddresses => 0;

    protected NatLab Lab { get; }

    protected Random Random { get; }

    /// <summary>Ends the manager and begins it again.</summary>
    /// <param name="next">The rules that come next.</param>
    public void Restart(MasqueradeState next)
    {
        switch (Random.Next(3))
        {
            case 0:
                _change(next, () => Begin(next));
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

    /// <summary>Waits until flows that have ended are forgotten, though not for ever.</summary>
    /// <returns>How many entries are left.</returns>
    public abstract int CountEntriesLeft();

    /// <summary>Ends the manager of this process, if there is one, and begins another.</summary>
    protected abstract void Reopen();

    /// <summary>Starts a process that takes over what is there.</summary>
    protected abstract NatVictimProcess StartObedient();

    /// <summary>Has a process die on its way to <see cref="NatRules"/> that keep nothing.</summary>
    /// <returns>Whether it did; if not, it has come to its end.</returns>
    protected abstract bool DieInAStart();

    private void KillInAChange()
    {
        Lab.Masquerade.Dispose();
        using var victim = StartObedient();
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
            Thread.Sleep(Random.Next(4)); // anywhere in what it does
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
            Lab.Masquerade.Dispose();
            if (DieInAStart())
                Kills++;
            Begin(last);
        });
    }

    private void Begin(MasqueradeState rules)
    {
        Reopen();
        Lab.Masquerade.Apply(rules);
    }

    private string[] Some() => [.. s_destinations.Where(_ => Random.Next(2) == 0)];
}
