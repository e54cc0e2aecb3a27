using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>What is in use at a moment, in bytes.</summary>
internal readonly record struct SoakMemory(long Maps, long Heap, long Process)
{
    public static SoakMemory Read(string bpfRoot)
    {
        var maps = 0L;
        foreach (var path in Directory.GetFiles(PinFolder.MapsOf(bpfRoot)))
        {
            using var map = BpfMap.OpenPinned(path);
            maps += KernelMemory.Of(map);
        }

        return new(maps, GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
