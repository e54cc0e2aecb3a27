namespace Datapath.Linux.Bpf;

/// <summary>Walks over the numbers of the kernel's objects of one kind, and opens them.</summary>
/// <param name="what">The kind, for messages.</param>
/// <param name="next">The command that tells the next number.</param>
/// <param name="open">The command that opens a number.</param>
/// <param name="feature">What a kernel lacks that does not know the first command; null where every kernel of interest does.</param>
internal sealed class ObjectIds(string what, BpfCommand next, BpfCommand open, BpfFeature? feature = null)
{
    public static ObjectIds Programs { get; } = new("programs", BpfCommand.ProgGetNextId, BpfCommand.ProgGetFdById);

    public static ObjectIds Maps { get; } = new("maps", BpfCommand.MapGetNextId, BpfCommand.MapGetFdById);

    public static ObjectIds Links { get; } = new("links", BpfCommand.LinkGetNextId, BpfCommand.LinkGetFdById, BpfFeature.LinkNumbers);

    public static ObjectIds Types { get; } = new("BTF objects", BpfCommand.BtfGetNextId, BpfCommand.BtfGetFdById, BpfFeature.BtfNumbers);

    /// <summary>Opens one object after the other; the caller disposes each. What vanishes meanwhile is passed over.</summary>
    public IEnumerable<SafeBpfHandle> OpenAll()
    {
        foreach (var id in All())
        {
            if (TryOpen(id, out var handle))
                yield return handle!;
        }
    }

    /// <summary>The numbers, in their order. An object may vanish before it is opened.</summary>
    public IEnumerable<uint> All()
    {
        for (uint id = 0; TryGetNext(id, out id);)
            yield return id;
    }

    /// <summary>Opens a number.</summary>
    /// <returns>Whether there is such an object.</returns>
    public bool TryOpen(uint id, out SafeBpfHandle? handle)
    {
        var attr = new GetByIdAttr { Id = id };
        var errno = Libc.Bpf(open, ref attr, out var fd);
        handle = errno is Errno.None ? new SafeBpfHandle(fd) : null;
        if (IsGone(errno))
            return false;
        BpfException.ThrowIfFailed(errno, BpfPermission.ById, $"open number {id} of the {what}");
        return true;
    }

    /// <summary>Whether an errno means that there is no such object (any more).</summary>
    public static bool IsGone(Errno errno) => errno is Errno.ENOENT or Errno.EAGAIN; // EAGAIN: a link that is still being made

    private bool TryGetNext(uint id, out uint nextId)
    {
        var attr = new GetByIdAttr { Id = id };
        var errno = Libc.Bpf(next, ref attr);
        nextId = attr.NextId;
        if (errno is Errno.ENOENT)
            return false;
        if (errno is Errno.EINVAL)
            feature?.ThrowIfUnsupported();
        BpfException.ThrowIfFailed(errno, BpfPermission.ById, $"list the {what}");
        return true;
    }
}
