namespace Datapath.Linux.Bpf;

/// <summary>Puts the maps and programs into a map that its definition names.</summary>
internal static class InitialValues
{
    /// <param name="spec">What a map is to hold.</param>
    /// <param name="maps">The object's maps.</param>
    /// <param name="source">The object, which tells a program that is not enabled from one that does not exist.</param>
    /// <param name="programs">The object's programs.</param>
    /// <exception cref="InvalidOperationException">The map is to hold something that the object does not have.</exception>
    public static void ThrowIfMissing(
        MapSpec spec, IReadOnlyDictionary<string, BpfMap> maps, BpfObjectSpec source, IReadOnlyDictionary<string, BpfProgram> programs)
    {
        foreach (var (key, name) in spec.Values)
        {
            if (spec.Type is MapType.ProgramArray)
            {
                if (!programs.ContainsKey(name) && !source.Programs.ContainsKey(name))
                    throw new InvalidOperationException($"map '{spec.Name}' is to hold program '{name}' at {key}, which the object does not have");
            }
            else if (!maps.ContainsKey(name))
            {
                throw new InvalidOperationException($"map '{spec.Name}' is to hold map '{name}' at {key}, which the object does not have");
            }
        }
    }

    /// <summary>Fills a map that misses nothing. Places of programs that are not enabled stay as they are.</summary>
    /// <param name="map">The map.</param>
    /// <param name="spec">What it is to hold.</param>
    /// <param name="maps">The object's maps.</param>
    /// <param name="programs">The object's programs.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static void Write(BpfMap map, MapSpec spec, IReadOnlyDictionary<string, BpfMap> maps, IReadOnlyDictionary<string, BpfProgram> programs)
    {
        foreach (var (key, name) in spec.Values)
        {
            if (spec.Type is not MapType.ProgramArray)
                map.AsMapOfMaps<uint>().Set(key, maps[name]);
            else if (programs.TryGetValue(name, out var program))
                map.AsProgramArray().Set(key, program);
        }
    }
}
