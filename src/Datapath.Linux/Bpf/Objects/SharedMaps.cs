namespace Datapath.Linux.Bpf;

/// <summary>The maps of a load that are pinned under their names: those that are there, and those to be added.</summary>
/// <param name="folder">Where; <see langword="null"/> if the caller named none.</param>
internal sealed class SharedMaps(string? folder)
{
    private readonly List<(BpfMap Map, string Path)> _new = [];
    private readonly HashSet<BpfMap> _taken = [];

    /// <summary>Opens the map that is pinned under the name of a spec, or makes one that <see cref="PinNew"/> will pin.</summary>
    /// <exception cref="IncompatibleMapException">The pinned map differs from the spec.</exception>
    /// <exception cref="ArgumentException">There is no folder.</exception>
    public BpfMap OpenOrCreate(MapSpec spec, BpfMapFactory factory)
    {
        if (folder is null)
            throw new ArgumentException($"map '{spec.Name}' is shared by name: {nameof(BpfLoadOptions)}.{nameof(BpfLoadOptions.PinDirectory)} must say where");
        var path = $"{folder.TrimEnd('/')}/{spec.Name}";
        if (!File.Exists(path))
        {
            var made = factory.Create(spec);
            _new.Add((made, path));
            return made;
        }

        var map = BpfMap.OpenPinned(path);
        try
        {
            IncompatibleMapException.ThrowIfDifferent(map, spec);
            _ = _taken.Add(map);
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Whether a map was there before this load, so that others may run by what it holds.</summary>
    public bool IsTaken(BpfMap map) => _taken.Contains(map);

    /// <summary>Pins the maps that were made: all or, if that or what is to be done then fails, none.</summary>
    /// <param name="complete">What is to be done once they are pinned.</param>
    public void PinNew(Action complete)
    {
        if (_new.Count != 0)
            BpfFileSystem.CreateDirectory(folder!);
        var pinned = 0;
        try
        {
            for (; pinned < _new.Count; pinned++)
                _new[pinned].Map.Pin(_new[pinned].Path);
            complete();
        }
        catch
        {
            while (pinned > 0)
                File.Delete(_new[--pinned].Path);
            throw;
        }
    }
}
