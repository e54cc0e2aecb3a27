using System.Collections.Immutable;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The maps that outlive the process. Socket storage is among them: the sockets of today keep their state when the programs are replaced.</summary>
internal static class PinnedMaps
{
    /// <summary>Opens the maps that are pinned, and makes and pins the others.</summary>
    /// <exception cref="IncompatibleMapException">A pinned map differs from the spec.</exception>
    public static ImmutableDictionary<string, BpfMap> OpenOrCreate(BpfObjectSpec spec, PinFolder pins)
    {
        var maps = ImmutableDictionary.CreateBuilder<string, BpfMap>();
        try
        {
            using var factory = new BpfMapFactory(spec);
            foreach (var map in spec.Maps.Values.OrderBy(static m => m.Name, StringComparer.Ordinal))
            {
                var path = pins.MapPath(map.Name);
                if (File.Exists(path))
                {
                    maps.Add(map.Name, BpfMap.OpenPinned(path));
                    IncompatibleMapException.ThrowIfDifferent(maps[map.Name], map);
                    continue;
                }

                maps.Add(map.Name, factory.Create(map));
                maps[map.Name].Pin(path);
            }
        }
        catch
        {
            foreach (var map in maps.Values)
                map.Dispose();
            throw;
        }

        return maps.ToImmutable();
    }
}
