namespace Datapath.Linux.Bpf;

/// <summary>The maps of a load that are pinned under their names: those that are there, and those to be added.</summary>
/// <param name="folder">Where; <see langword="null"/> if the caller named none.</param>
internal sealed class SharedMaps(string? folder)
{
    private readonly List<(BpfMap Map, string Path)> _new = [];

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
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Pins the maps that were made: all or, if that fails, none.</summary>
    public void PinNew()
    {
        if (_new.Count == 0)
            return;
        BpfFileSystem.CreateDirectory(folder!);
        var pinned = 0;
        try
        {
            for (; pinned < _new.Count; pinned++)
                _new[pinned].Map.Pin(_new[pinned].Path);
        }
        catch
        {
            while (pinned > 0)
                File.Delete(_new[--pinned].Path);
            throw;
        }
    }
}
