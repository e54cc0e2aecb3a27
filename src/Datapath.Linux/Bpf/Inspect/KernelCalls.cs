using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>Names of the kernel's functions that programs call.</summary>
internal static class KernelCalls
{
    /// <summary>The names of functions that programs call, by the immediates of the calls. Empty if the kernel hides its addresses.</summary>
    public static Dictionary<int, string> Find(IReadOnlySet<int> immediates)
    {
        if (immediates.Count == 0)
            return [];
        try
        {
            return Find(KernelSymbolReader.Scan, immediates);
        }
        catch (LinuxException)
        {
            return [];
        }
    }

    // Twice over the symbols: where the distances count from is known only once it was met.
    internal static Dictionary<int, string> Find(Action<KernelSymbolHandler> scan, IReadOnlySet<int> immediates)
    {
        var names = new Dictionary<int, string>();
        ulong start = 0;
        scan(symbol => start = start == 0 && symbol.Name.SequenceEqual("__bpf_call_base"u8) ? symbol.Address : start);
        if (start == 0)
            return names;
        scan(symbol =>
        {
            if ((long)(symbol.Address - start) is >= int.MinValue and <= int.MaxValue and var distance && immediates.Contains((int)distance))
                _ = names.TryAdd((int)distance, Encoding.UTF8.GetString(symbol.Name));
        });
        return names;
    }
}
