namespace Datapath.Linux.Bpf;

/// <summary>Puts the maps and programs into a map that its definition names.</summary>
internal static class InitialValues
{
    /// <param name="map">The map.</param>
    /// <param name="spec">What it is to hold.</param>
    /// <param name="maps">The object's maps.</param>
    /// <param name="source">The object, which tells a program that is not enabled from one that does not exist.</param>
    /// <param name="programs">The object's programs.</param>
    /// <exception cref="InvalidOperationException">The map is to hold something that the object does not have.</exception>
    public static void Write(
        BpfMap map, MapSpec spec, IReadOnlyDictionary<string, BpfMap> maps, BpfObjectSpec source, IReadOnlyDictionary<string, BpfProgram> programs)
    {
        foreach (var (key, name) in spec.Values)
        {
            if (spec.Type is MapType.ProgramArray)
            {
                if (programs.TryGetValue(name, out var program))
                    map.AsProgramArray().Set(key, program);
                else if (!source.Programs.ContainsKey(name))
                    throw new InvalidOperationException($"map '{spec.Name}' is to hold program '{name}' at {key}, which the object does not have");
            }
            else
            {
                if (!maps.TryGetValue(name, out var inner))
                    throw new InvalidOperationException($"map '{spec.Name}' is to hold map '{name}' at {key}, which the object does not have");
                map.AsMapOfMaps<uint>().Set(key, inner);
            }
        }
    }
}
