namespace Datapath.Linux.Bpf.Ring;

/// <summary>The right to read a ring. This process has one for each map, whatever descriptors there are of it; forgotten ones go with the garbage.</summary>
internal sealed class RingClaim : IDisposable
{
    private static readonly HashSet<uint> s_read = [];

    private readonly uint _map;
    private bool _isReleased;

    private RingClaim(uint map) => _map = map;

    ~RingClaim() => Dispose();

    /// <exception cref="InvalidOperationException">Somebody in this process reads the map already.</exception>
    public static RingClaim Take(MapInfo map)
    {
        lock (s_read)
        {
            return s_read.Add(map.Id)
                ? new(map.Id)
                : throw new InvalidOperationException(
                    $"map '{map.Name}' is being read by another {nameof(BpfRingBuffer)} of this process, which is not disposed or still read: "
                    + "a ring has one reader at a time, as two would each take the other's records for read");
        }
    }

    /// <summary>Gives the right back, once.</summary>
    public void Dispose()
    {
        lock (s_read)
        {
            if (!_isReleased)
                _ = s_read.Remove(_map);
            _isReleased = true;
        }

        GC.SuppressFinalize(this);
    }
}
