using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

// Maps that are not to be made.
public sealed partial class BpfObjectSpec
{
    /// <summary>Takes out a map.</summary>
    /// <param name="name">Its name in the object.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">A program that is enabled uses it, or a map holds it from the start.</exception>
    public bool RemoveMap(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Maps.ContainsKey(name))
            return false;
        if (Programs.Values.FirstOrDefault(p => p.IsEnabled && MapsOf(p).Contains(name)) is { } program)
            throw new InvalidOperationException($"map '{name}' cannot be taken out: program '{program.Name}' uses it");
        if (Maps.FirstOrDefault(m => m.Key != name && HeldMapsOf(m.Value).Contains(name)).Key is { } holder)
            throw new InvalidOperationException($"map '{name}' cannot be taken out: map '{holder}' is to hold it");
        Maps = Maps.Without([name]);
        return true;
    }

    /// <summary>Takes out the maps that no enabled program uses, be it by way of a map that holds them from the start.</summary>
    /// <returns>Their names in the object.</returns>
    public ImmutableArray<string> RemoveUnusedMaps()
    {
        var used = new HashSet<string>();
        var open = new Stack<string>(Programs.Values.Where(static p => p.IsEnabled).SelectMany(MapsOf));
        while (open.TryPop(out var name))
        {
            if (!used.Add(name) || !Maps.TryGetValue(name, out var map))
                continue;
            foreach (var held in HeldMapsOf(map))
                open.Push(held);
        }

        ImmutableArray<string> unused = [.. Maps.Keys.Where(name => !used.Contains(name)).Order(StringComparer.Ordinal)];
        Maps = Maps.Without(unused);
        return unused;
    }

    private static IEnumerable<string> MapsOf(ProgramSpec program) =>
        program.Relocations.Where(static r => r.Kind is ProgramRelocationKind.Map).Select(static r => r.Name);

    private static IEnumerable<string> HeldMapsOf(MapSpec map) => map.Type is MapType.ProgramArray ? [] : map.Values.Values;
}
