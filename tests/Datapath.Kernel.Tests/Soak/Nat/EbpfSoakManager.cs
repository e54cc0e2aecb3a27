using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>That of the eBPF engine, which mostly begins again with tables of another size.</summary>
internal sealed class EbpfSoakManager : NatSoakManager
{
    private const int MostSteps = 40; // of a start; a later one is not reached, and nobody dies
    private static readonly int[] s_sizes = [8_192, 16_384, 12_000];
    private int _endedAddresses;

    /// <inheritdoc cref="NatSoakManager(NatLab, Random, Action{MasqueradeState, Action})"/>
    public EbpfSoakManager(NatLab lab, Random random, Action<MasqueradeState, Action> change)
        : base(lab, random, change) => Listen();

    public override int EndedAddresses => Volatile.Read(ref _endedAddresses);

    /// <summary>The options of a lab that is to be managed.</summary>
    public static LinuxMasqueradeOptions Options(LinuxMasqueradeOptions options, TestPins pins) => options with
    {
        Lifetime = DatapathLifetime.Pinned,
        BpfRoot = pins.Path,
        MaxFlows = s_sizes[0],
        SweepInterval = TimeSpan.FromSeconds(1),
        Lifetimes = new() { TcpClosing = TimeSpan.FromSeconds(5), OneWay = TimeSpan.FromSeconds(5), TwoWay = TimeSpan.FromSeconds(5), Icmp = TimeSpan.FromSeconds(5) },
    };

    /// <inheritdoc/>
    /// <remarks>Each flow is over a second after its last packet.</remarks>
    public override int CountEntriesLeft()
    {
        var second = TimeSpan.FromSeconds(1);
        Lab.Reopen(Lab.Options with
        {
            Lifetimes = new() { TcpOpening = second, TcpEstablished = second, TcpHalfClosed = second, TcpClosing = second, OneWay = second, TwoWay = second, Icmp = second },
        });
        return FlowEntries.WaitUntilNoneIsTranslated(Lab).Translated;
    }

    protected override void Reopen()
    {
        Lab.Reopen(OtherSize());
        Listen();
    }

    protected override NatVictimProcess StartObedient() => NatVictimProcess.StartObedient(Lab.Node, OtherSize());

    protected override bool DieInAStart() => NatVictimProcess.DiesAt(Random.Next(MostSteps), Lab.Node, OtherSize());

    private void Listen() => Lab.Ebpf.AddressChanged += (_, change) => _ = change.AreEnded ? Interlocked.Increment(ref _endedAddresses) : 0;

    private LinuxMasqueradeOptions OtherSize() => Lab.Options with { MaxFlows = s_sizes[Random.Next(s_sizes.Length)] };
}
