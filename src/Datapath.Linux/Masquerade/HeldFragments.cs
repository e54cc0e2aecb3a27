using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>Fragments that wait in the kernel for the first of their datagram, and are given up after a second.</summary>
internal sealed class HeldFragments(BpfObject loaded) : IDisposable
{
    private readonly BpfIterator _sweep = BpfIterator.Create(loaded.Programs[MasqueradeObject.SweepHeld], loaded.Maps[MasqueradeObject.Held]);

    /// <summary>Drops and counts those whose first did not come in time.</summary>
    public void Sweep()
    {
        using var walk = _sweep.Open();
        walk.CopyTo(Stream.Null); // the program runs as the walk is read
    }

    public void Dispose() => _sweep.Dispose();
}
