using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The programs' counters, summed over the CPUs.</summary>
internal static class KernelCounters
{
    public static ImmutableSortedDictionary<string, long> Read(BpfMap map)
    {
        var values = map.AsPerCpuArray<ulong>();
        var result = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var counter in Enum.GetValues<Counter>())
        {
            long sum = 0;
            foreach (var value in values.Read((uint)counter))
                sum += (long)value;
            result.Add(counter.ToString(), sum);
        }

        return result.ToImmutable();
    }
}
