namespace Datapath.Linux.Bpf;

/// <summary>What tcx and netkit share: programs that run one after the other at a hook of an interface.</summary>
/// <param name="hook">The hook.</param>
/// <param name="interfaceIndex">The interface.</param>
/// <param name="place">The hook in words.</param>
/// <param name="feature">What a kernel lacks that does not know the hook.</param>
internal readonly struct OrderedPrograms(AttachType hook, int interfaceIndex, string place, BpfFeature feature)
{
    /// <summary>Attaches a program by a link.</summary>
    public SafeBpfHandle Attach(BpfProgram program, TcxPlacement placement, ulong expectedRevision)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interfaceIndex);
        ArgumentNullException.ThrowIfNull(placement);
        if (program.Type is not ProgramType.SchedClassifier)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, {place} takes a {ProgramType.SchedClassifier}", nameof(program));
        using var lease = program.Handle.Lease();
        using var anchorLease = placement.Anchor is { } anchor ? anchor.Lease() : default;
        var attr = new LinkCreateAttr
        {
            ProgFd = lease.Fd,
            TargetFd = (uint)interfaceIndex,
            AttachType = (uint)hook,
            Flags = placement.Flags,
            RelativeFd = placement.Anchor is null ? 0 : anchorLease.Fd,
            ExpectedRevision = expectedRevision,
        };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            feature.ThrowIfUnsupported();
        if (ReasonOf(errno) is { } reason)
            throw new BpfException($"attach program '{program.Name}' to interface {interfaceIndex} ({place})", errno, reason);
        BpfException.ThrowIfFailed(errno, LinuxCapabilities.NetAdmin, $"attach program '{program.Name}' to interface {interfaceIndex} ({place})");
        return new(fd);
    }

    /// <summary>Asks what is attached.</summary>
    public TcxPrograms Query()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interfaceIndex);
        var errno = ProgramQuery.TryRead((uint)interfaceIndex, hook, 0, withLinks: true, out var programs, out _, out var revision);
        if (errno is Errno.ENOENT) // nothing yet; the first list of programs starts at 1
            return new(1, []);
        if (errno is Errno.EINVAL)
            feature.ThrowIfUnsupported();
        BpfException.ThrowIfFailed(errno, LinuxCapabilities.NetAdmin, $"query the programs of interface {interfaceIndex} ({place})");
        return new(revision, programs);
    }

    private static string? ReasonOf(Errno errno) => errno switch
    {
        Errno.ENODEV => "no such interface in this network namespace",
        Errno.EEXIST => "this program is attached there already",
        Errno.ENOENT => "the program or link that it was to be placed beside is not attached there",
        Errno.ESTALE => "what is attached there has changed since its revision was read; query again",
        Errno.ERANGE => "no more programs fit",
        _ => null,
    };
}
