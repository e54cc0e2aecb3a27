using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>Walks over the keys of a map one by one (<c>BPF_MAP_GET_NEXT_KEY</c>), as every kernel can.</summary>
internal static class MapKeys
{
    /// <summary>After how many keys a reader gives up that the kernel sends back again and again.</summary>
    public static long MostSteps(MapInfo map) => (2L * map.MaxEntries) + 64;

    /// <summary>The keys, one call of the kernel each.</summary>
    /// <remarks>
    /// The next key is asked for before a key is handed out, so that removing the key in hand does not lose the place. The kernel starts over
    /// where it does not find a place any more; only a limit of steps makes that end, whatever others do to the map.
    /// </remarks>
    public static IEnumerable<TKey> Walk<TKey>(BpfMap map)
        where TKey : unmanaged
    {
        var calls = new MapCalls(map);
        var steps = MostSteps(map.Info);
        if (!TryGetNext(calls, isFirst: true, default(TKey), out var key))
            yield break;
        while (true)
        {
            var hasNext = TryGetNext(calls, isFirst: false, key, out var next);
            yield return key;
            if (!hasNext || --steps == 0)
                yield break;
            key = next;
        }
    }

    private static unsafe bool TryGetNext<TKey>(MapCalls calls, bool isFirst, TKey key, out TKey next)
        where TKey : unmanaged
    {
        Unsafe.SkipInit(out next);
        fixed (TKey* n = &next)
        {
            var errno = calls.NextKey(isFirst ? null : &key, n);
            if (errno is Errno.ENOENT)
                return false;
            calls.ThrowIfRefused(errno, $"walk over the keys of map '{calls.Name}'");
            return true;
        }
    }
}
