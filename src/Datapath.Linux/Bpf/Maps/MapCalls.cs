using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>The calls of the kernel that all views of maps share. Keys and values are whatever the pointers say; the views know their sizes.</summary>
/// <param name="map">The map.</param>
/// <param name="access">What every read and write of a value asks for: nothing, or <c>BPF_F_LOCK</c>.</param>
internal readonly unsafe struct MapCalls(BpfMap map, ulong access = 0)
{
    /// <summary><c>BPF_NOEXIST</c>: only a new element.</summary>
    public const ulong OnlyNew = 1;

    /// <summary><c>BPF_EXIST</c>: only an element that is there.</summary>
    public const ulong OnlyExisting = 2;

    /// <summary><c>BPF_F_LOCK</c>: while the value's spin lock is held.</summary>
    private const ulong Locked = 4;

    public BpfMap Map => map;

    public string Name => map.Info.Name;

    /// <summary>What to throw if the map refused an access.</summary>
    public static BpfException Refusal(string operation, Errno errno) => BpfException.Refusal(
        operation, errno, LinuxCapabilities.None, "a map that is frozen or was opened read-only takes no writes, one opened write-only no reads");

    /// <summary>What to throw if a caller's memory does not hold all elements.</summary>
    public static ArgumentException NoRoom(int room, string map, string parameter) => new($"room for {room} elements is not enough for map '{map}'", parameter);

    /// <summary>Whether an errno means that batches are unknown here: to this kind of map (since 5.6), to a kernel from before 5.6.</summary>
    public static bool IsBatchMissing(Errno errno) => errno is Errno.ENOTSUPP or Errno.EOPNOTSUPP or Errno.EINVAL;

    /// <summary>The same calls, which read and write values while their lock is held.</summary>
    /// <exception cref="MapLayoutException">The values have no lock.</exception>
    public MapCalls UnderLock<TKey, TValue>()
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var calls = new MapCalls(map, Locked);
        TKey key = default;
        Unsafe.SkipInit(out TValue value);
        var errno = calls.Lookup(&key, &value); // the kernel looks for the lock before it looks for the key
        MapLayoutException.ThrowUnless(errno is not Errno.EINVAL, map.Info, "the values have no struct bpf_spin_lock, or the map was made without their type");
        return calls;
    }

    /// <summary>Throws if the map refused an access.</summary>
    /// <param name="errno">The result of the call.</param>
    /// <param name="operation">What was tried; the text is built only on failure.</param>
    public void ThrowIfRefused(Errno errno, [InterpolatedStringHandlerArgument(nameof(errno))] ref OperationText operation)
    {
        if (errno is Errno.E2BIG)
            throw new BpfException(operation.ToString(), errno, HasIndexes ? "there is no such index" : "the map is full");
        if (errno is Errno.ENOSPC && map.Info.Type is MapType.LpmTrie)
            throw new BpfException(operation.ToString(), errno, $"the map is full; it has room for {map.Info.MaxEntries}");
        if (errno is not Errno.None)
            throw Refusal(operation.ToString(), errno);
    }

    public Errno Lookup(void* key, void* value) => Element(BpfCommand.MapLookupElem, key, value, access);

    public Errno Update(void* key, void* value, ulong flags = 0) => Element(BpfCommand.MapUpdateElem, key, value, flags | access);

    public Errno Delete(void* key) => Element(BpfCommand.MapDeleteElem, key, null, 0);

    /// <summary>Deletes an element and says whether it was there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="what">What it is, for the message of a refusal.</param>
    public bool Remove(void* key, string what)
    {
        var errno = Delete(key);
        if (errno is Errno.ENOENT)
            return false;
        ThrowIfRefused(errno, $"delete {what} of map '{Name}'");
        return true;
    }

    /// <summary>Copies a value out of the kernel.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value, or the default.</param>
    /// <param name="attempt">What is tried, for the message of a refusal.</param>
    /// <returns>Whether there is such an element.</returns>
    public bool TryRead<TKey, TValue>(in TKey key, out TValue value, string attempt)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        Unsafe.SkipInit(out value);
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Lookup(k, v);
            if (errno is Errno.ENOENT)
            {
                value = default;
                return false;
            }

            ThrowIfRefused(errno, $"{attempt} map '{Name}'");
            return true;
        }
    }

    public Errno Update<TKey, TValue>(in TKey key, in TValue value, ulong flags)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
            return Update(k, v, flags);
    }

    /// <summary>What came of an update with <see cref="OnlyNew"/>.</summary>
    /// <param name="errno">Its result.</param>
    /// <param name="what">What was to be added, for the message of a refusal.</param>
    /// <returns>Whether it was added.</returns>
    public bool IsAdded(Errno errno, string what)
    {
        if (errno is Errno.EEXIST)
            return false;
        ThrowIfRefused(errno, $"add {what} to map '{Name}'");
        return true;
    }

    /// <summary>What came of an update with <see cref="OnlyExisting"/>.</summary>
    /// <param name="errno">Its result.</param>
    /// <param name="what">What was to be replaced, for the message of a refusal.</param>
    /// <returns>Whether it was replaced.</returns>
    public bool IsReplaced(Errno errno, string what)
    {
        if (errno is Errno.ENOENT)
            return false;
        ThrowIfRefused(errno, $"replace {what} of map '{Name}'");
        return true;
    }

    /// <summary>What came of <see cref="Take"/> from a hash map.</summary>
    /// <param name="errno">Its result.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="FeatureNotSupportedException">The kernel cannot.</exception>
    public bool IsTaken(Errno errno)
    {
        if (errno is Errno.ENOENT)
            return false;
        if (errno is Errno.EINVAL or Errno.ENOTSUPP)
            BpfFeature.HashTake.ThrowIfUnsupported();
        ThrowIfRefused(errno, $"take a key out of map '{Name}'");
        return true;
    }

    public Errno Take(void* key, void* value) => Element(BpfCommand.MapLookupAndDeleteElem, key, value, access);

    /// <summary>The key after one; the first for null and for a key that is not there.</summary>
    public Errno NextKey(void* key, void* next) => Element(BpfCommand.MapGetNextKey, key, next, 0);

    /// <summary>Writes or deletes elements in one call; <c>done</c> says how many were, from the first.</summary>
    public Errno Batch(BpfCommand command, void* keys, void* values, int count, out int done)
    {
        using var lease = map.Handle.Lease();
        var attr = new MapBatchAttr { MapFd = lease.Fd, Keys = (ulong)keys, Values = (ulong)values, Count = (uint)count, ElementFlags = values is null ? 0 : access };
        var errno = Libc.Bpf(command, ref attr);
        // A refusal of the whole call leaves the count as it was.
        done = errno is Errno.None || attr.Count < count ? (int)attr.Count : 0;
        return errno;
    }

    /// <summary>Reads elements from where the last call ended, and removes them if the command says so.</summary>
    /// <param name="command"><see cref="BpfCommand.MapLookupBatch"/> or <see cref="BpfCommand.MapTakeBatch"/>.</param>
    /// <param name="position">Where to start (null: at the beginning); a map's own idea of a place, as large as a key and at least 4 bytes.</param>
    /// <param name="next">Receives where to go on; may be the same memory.</param>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives the values.</param>
    /// <param name="count">How many fit; then how many were read.</param>
    /// <returns>
    /// <see cref="Errno.ENOENT"/> with the last elements; <see cref="Errno.EINTR"/> with fewer than fit, where others removed the next one.
    /// </returns>
    public Errno ReadBatch(BpfCommand command, void* position, void* next, void* keys, void* values, ref int count)
    {
        using var lease = map.Handle.Lease();
        var attr = new MapBatchAttr
        {
            MapFd = lease.Fd,
            InBatch = (ulong)position,
            OutBatch = (ulong)next,
            Keys = (ulong)keys,
            Values = (ulong)values,
            Count = (uint)count,
            ElementFlags = access,
        };
        var errno = Libc.Bpf(command, ref attr);
        if (errno is Errno.None or Errno.ENOENT or Errno.EINTR)
            count = (int)attr.Count;
        return errno;
    }

    private bool HasIndexes => map.Info.Type is MapType.Array or MapType.PerCpuArray or MapType.ProgramArray or MapType.ArrayOfMaps;

    private Errno Element(BpfCommand command, void* key, void* value, ulong flags)
    {
        using var lease = map.Handle.Lease();
        var attr = new MapElementAttr { MapFd = lease.Fd, Key = (ulong)key, ValueOrNextKey = (ulong)value, Flags = flags };
        return Libc.Bpf(command, ref attr);
    }
}
