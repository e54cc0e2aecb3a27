using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>That of the nftables engine: its table stays while nobody manages it.</summary>
internal sealed class NftablesSoakManager : NatSoakManager
{
    private const int LongestStart = 400; // ms

    /// <inheritdoc cref="NatSoakManager(NatLab, Random, Action{MasqueradeState, Action})"/>
    public NftablesSoakManager(NatLab lab, Random random, Action<MasqueradeState, Action> change)
        : base(lab, random, change) => ConntrackEnd.Shorten(lab);

    /// <summary>The options of a lab that is to be managed.</summary>
    public static LinuxMasqueradeOptions Options(LinuxMasqueradeOptions options) => options with { Lifetime = DatapathLifetime.Pinned };

    public override int CountEntriesLeft() => ConntrackEnd.CountEntriesLeft(Lab);

    protected override void Reopen() => Lab.Reopen();

    protected override NatVictimProcess StartObedient() => NatVictimProcess.StartObedientNftables(Lab.Node);

    protected override bool DieInAStart()
    {
        using var victim = StartObedient();
        victim.Tell();
        Thread.Sleep(Random.Next(LongestStart)); // anywhere on its way
        victim.Kill();
        return true;
    }
}
