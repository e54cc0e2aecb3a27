namespace Datapath.Linux.Bpf;

/// <summary>What has become of pins: somebody may delete them, unmount their filesystem or mount another one over it.</summary>
internal static class PinFaults
{
    /// <summary>What is amiss; nothing if each pin leads to what it led to.</summary>
    /// <param name="pins">The folder.</param>
    /// <param name="maps">The maps, by the names of their pins.</param>
    /// <param name="links">The links, by the names of theirs.</param>
    public static IEnumerable<string> Find(PinFolder pins, IEnumerable<KeyValuePair<string, BpfMap>> maps, IEnumerable<(string Name, BpfLink Link)> links)
    {
        if (!pins.IsInPlace)
        {
            yield return $"the pins in '{pins.Path}' are gone (deleted, unmounted, or another filesystem is mounted over them): the state will not survive this process; start it again";
            yield break;
        }

        string[] missing =
        [
            .. maps.Where(m => !IsPinned(pins.MapPath(m.Key), m.Value.Info.Id, OpenMap)).Select(static m => m.Key),
            .. links.Where(l => !IsPinned(pins.LinkPath(l.Name), l.Link.Info.Id, OpenLink)).Select(static l => l.Name),
        ];
        if (missing.Length > 0)
            yield return $"pins in '{pins.Path}' are gone ({string.Join(", ", missing)}): the state will not survive this process; start it again";
    }

    private static bool IsPinned(string path, uint id, Func<string, uint> open)
    {
        try
        {
            return open(path) == id;
        }
        catch (BpfException) // whatever stands there, it is not what was pinned
        {
            return false;
        }
    }

    private static uint OpenMap(string path)
    {
        using var map = BpfMap.OpenPinned(path);
        return map.Info.Id;
    }

    private static uint OpenLink(string path)
    {
        using var link = BpfLink.OpenPinned(path);
        return link.Info.Id;
    }
}
