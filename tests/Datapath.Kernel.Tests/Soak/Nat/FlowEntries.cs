using System.Diagnostics;
using System.Runtime.InteropServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>How many entries the pinned tables of flows hold at a moment, those of both families.</summary>
/// <param name="Translated">Two for each flow that is translated.</param>
/// <param name="Kept">One for each flow that is known to keep its address. They do not expire: a full table gives the oldest away.</param>
/// <param name="Fragments">One for each datagram whose first fragment was seen, likewise.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FlowEntries(int Translated, int Kept, int Fragments)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static FlowEntries Read(string bpfRoot)
    {
        var folder = PinFolder.MapsOf(bpfRoot);
        return new(
            Count<FlowKey4, Flow4>(MasqueradeObject.Flows4) + Count<FlowKey6, Flow6>(MasqueradeObject.Flows6),
            Count<FlowKey4, ulong>("dp_kept4") + Count<FlowKey6, ulong>("dp_kept6"), // keys of the same sizes
            CountBytes("dp_fragments4") + CountBytes("dp_fragments6"));

        int CountBytes(string name)
        {
            using var map = BpfMap.OpenPinned(Path.Combine(folder, name));
            return map.AsBytes().ToList().Count;
        }

        int Count<TKey, TValue>(string name)
            where TKey : unmanaged
            where TValue : unmanaged
        {
            using var map = BpfMap.OpenPinned(Path.Combine(folder, name));
            return map.AsHash<TKey, TValue>().ToList().Count;
        }
    }

    /// <summary>Waits until no flow is translated any more, though not for ever.</summary>
    /// <returns>What is left.</returns>
    public static FlowEntries WaitUntilNoneIsTranslated(NatLab lab)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            _ = lab.Ebpf.Sweep();
            var left = Read(lab.Options.BpfRoot);
            if (left.Translated == 0 || Stopwatch.GetElapsedTime(start) > s_patience)
                return left;
            Thread.Sleep(100); // until it looks again
        }
    }
}
