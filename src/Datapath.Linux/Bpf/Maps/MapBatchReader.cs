namespace Datapath.Linux.Bpf;

/// <summary>Reads or takes the elements of a map batch by batch, on from where the last one ended.</summary>
/// <remarks>
/// In a hash a place is the number of a bucket, so neither additions nor removals make the kernel start over; it copies a bucket as a whole or
/// not at all, and an element that stays is read exactly once. In a map of another kind it is the key that was read last: where that is gone,
/// the kernel starts over or reads on from a key near by, as it does in a walk over keys.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TPlace">A place: <see cref="uint"/> for a hash, the key for other kinds.</typeparam>
internal unsafe struct MapBatchReader<TKey, TPlace>(MapCalls map, BpfCommand command = BpfCommand.MapLookupBatch)
    where TKey : unmanaged
    where TPlace : unmanaged
{
    private readonly MapCalls _map = map;
    private TPlace _place;
    private bool _isFurther;

    /// <summary>Whether all has been read.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Where the next batch begins; the default at the start.</summary>
    public readonly TPlace Place => _place;

    /// <summary>Reads what fits.</summary>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives as many values, of whatever size the map has.</param>
    /// <param name="count">How many were read; none though there is more if others removed what was to be read.</param>
    /// <returns><see cref="Errno.ENOSPC"/> if not even the next bucket fits; nothing is lost, ask with more room.</returns>
    public Errno Read(Span<TKey> keys, Span<byte> values, out int count)
    {
        count = keys.Length;
        var next = _place; // stays so where nothing was read
        Errno errno;
        fixed (TKey* k = keys)
        fixed (byte* v = values)
        fixed (TPlace* place = &_place)
            errno = _map.ReadBatch(command, _isFurther ? place : null, &next, k, v, ref count);
        if (errno is Errno.None or Errno.ENOENT or Errno.EINTR)
        {
            (_place, _isFurther, IsAtEnd) = (next, _isFurther || count != 0, errno is Errno.ENOENT);
            return Errno.None;
        }

        count = 0;
        return errno;
    }
}
