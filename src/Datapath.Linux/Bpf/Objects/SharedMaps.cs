namespace Datapath.Linux.Bpf;

/// <summary>The maps of a load that are pinned under their names: those that are there, and those to be added.</summary>
/// <param name="folder">Where; <see langword="null"/> if the caller named none.</param>
internal sealed class SharedMaps(string? folder)
{
    private readonly List<(BpfMap Map, string Path)> _new = [];
    private readonly HashSet<BpfMap> _taken = [];

    /// <summary>Opens the map that is pinned under the name of a spec, or makes one that <see cref="PinNew"/> will pin.</summary>
    /// <exception cref="IncompatibleMapException">The pinned map differs from the spec.</exception>
    /// <exception cref="ArgumentException">There is no folder, or the name is none of a file in it.</exception>
    /// <exception cref="BpfException">There is something that cannot be opened.</exception>
    public BpfMap OpenOrCreate(MapSpec spec, BpfMapFactory factory)
    {
        if (folder is null)
            throw new ArgumentException($"map '{spec.Name}' is shared by name: {nameof(BpfLoadOptions)}.{nameof(BpfLoadOptions.PinDirectory)} must say where");
        if (spec.Name is "" or "." or ".." || spec.Name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"map '{spec.Name}' is shared by name, which is not one of a file");
        var path = $"{folder.TrimEnd('/')}/{spec.Name}";
        if (!Exists(path))
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
                _ = Libc.unlink(_new[--pinned].Path); // if that fails, too, the first failure still is the one to tell of
            throw;
        }
    }

    // Asked of the kernel: to File.Exists what may not be seen is not there.
    private static bool Exists(string path)
    {
        var errno = BpfPin.TryOpen(path, out var handle);
        handle?.Dispose();
        return errno is not Errno.ENOENT;
    }
}
