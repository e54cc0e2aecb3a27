using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>What differs between the listener that watches and the one that keeps a log.</summary>
internal readonly record struct NatSeat(bool KeepsLog)
{
    public int Index => KeepsLog ? 1 : 0;

    public string Ring => KeepsLog ? MasqueradeObject.LogRing : MasqueradeObject.WatchRing;

    public uint LostIndex => (uint)(Index * (int)NatListening.ListenerCounts);

    public uint HeldBackIndex => LostIndex + 1;

    /// <summary>The folder whose lock the listener of a pin folder holds: each has another. The pin folder's own lock is the manager's.</summary>
    public string FolderIn(string bpfRoot) => KeepsLog ? PinFolder.LinksOf(bpfRoot) : PinFolder.MapsOf(bpfRoot);

    /// <summary>The bit of a kind in <see cref="NatState.Hears"/>.</summary>
    public uint BitOf(NatEventKind kind) => 1u << ((Index * (int)NatListening.ListenerBits) + (int)kind);
}
