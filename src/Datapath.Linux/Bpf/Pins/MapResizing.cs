namespace Datapath.Linux.Bpf;

/// <summary>
/// Gives pinned maps the sizes that a spec wants, before the programs of the spec are loaded: a map of the new size gets the old one's content and takes its
/// name. The programs that run go on with the old map, which is as good until somebody writes, and that is not before they are replaced. So a process
/// may be killed at any point of it, and the next start goes on from there.
/// </summary>
internal static class MapResizing
{
    /// <summary>Resizes what needs it: all maps or, if one of them may not be reused, none.</summary>
    /// <param name="spec">What is going to be loaded.</param>
    /// <param name="pins">The pins.</param>
    /// <param name="resizable">The maps whose sizes may differ, by name.</param>
    /// <exception cref="IncompatibleMapException">A map differs, in more than its size if that may differ.</exception>
    /// <exception cref="IncompatibleStateException">More is in use than there would be room for.</exception>
    public static void Run(BpfObjectSpec spec, PinFolder pins, IReadOnlyDictionary<string, ResizableMap> resizable)
    {
        foreach (var leftover in Directory.GetFiles(PinFolder.MapsOf(pins.Path), '*' + BpfPin.BesideSuffix))
            File.Delete(leftover);
        var resized = new List<(BpfMap Map, MapSpec Spec, IMapContent Content)>();
        try
        {
            foreach (var map in spec.Maps.Values.Where(static m => m.Pinning is MapPinning.ByName).OrderBy(static m => m.Name, StringComparer.Ordinal))
            {
                if (OpenForOtherSize(map, pins, resizable) is { } other)
                    resized.Add((other.Map, map, other.Content));
            }

            if (resized.Count == 0)
                return;
            using var factory = new BpfMapFactory(spec);
            foreach (var (old, wanted, content) in resized)
            {
                using var map = factory.Create(wanted);
                content.Copy(old, map, pins);
                BpfPin.Replace(map.Handle, pins.MapPath(wanted.Name), $"map '{wanted.Name}'");
            }
        }
        finally
        {
            foreach (var (old, _, _) in resized)
                old.Dispose();
        }
    }

    private static (BpfMap Map, IMapContent Content)? OpenForOtherSize(MapSpec spec, PinFolder pins, IReadOnlyDictionary<string, ResizableMap> resizable)
    {
        if (pins.TryOpenMap(spec.Name) is not { } map)
            return null;
        try
        {
            var found = map.Info;
            var mayDiffer = resizable.GetValueOrDefault(spec.Name);
            if (mayDiffer is not null)
                found = found with { MaxEntries = spec.Room };
            IncompatibleMapException.ThrowIfDifferent(found, spec, IncompatibleMapException.StartAfresh);
            if (mayDiffer?.Content is { } content && map.Info.MaxEntries != spec.Room)
            {
                ThrowIfTooSmall(mayDiffer, spec, content.UseOf(map, pins));
                return (map, content);
            }
        }
        catch
        {
            map.Dispose();
            throw;
        }

        map.Dispose();
        return null;
    }

    private static void ThrowIfTooSmall(ResizableMap resizable, MapSpec spec, MapUse use)
    {
        if (use.Least > spec.Room)
        {
            throw new IncompatibleStateException(
                $"map '{spec.Name}' cannot shrink: {resizable.Option ?? "its size in this version"} is {spec.Room}, but {use.Text}; {resizable.AdviceFor(use.Least)}");
        }
    }
}
