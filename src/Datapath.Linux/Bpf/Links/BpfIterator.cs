using Datapath.Linux.Cgroups;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program that the kernel calls for each of its objects (sockets, tasks, elements of a map) and that writes what a reader then reads.
/// Minimum kernel: 5.8.
/// </summary>
/// <remarks>The program is a <see cref="ProgramType.Tracing"/> made for <see cref="AttachType.TraceIterator"/>. Which objects it walks is
/// settled when it is loaded.</remarks>
public sealed unsafe class BpfIterator : BpfLink
{
    private const string Tasks = "tasks or what they have";

    internal BpfIterator(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"walk over {TargetName}";

    /// <summary>Makes an iterator over all objects. Nothing runs before <see cref="Open"/>.</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.8.</exception>
    /// <exception cref="BpfException">The kernel refused: EINVAL or EBADF if the program walks a map and none was named.</exception>
    public static BpfIterator Create(BpfProgram program) => Create(
        program, default, 0, static errno => errno is Errno.EBADF ? "the program walks over the elements of a map, and none is named" : null);

    /// <summary>Makes an iterator over the elements of a map.</summary>
    /// <param name="program">The program, made for the elements of maps of this kind.</param>
    /// <param name="map">The map. The iterator keeps it alive.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.8.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: EINVAL if the map is of another kind or the program does not walk over a map, EACCES if its elements are smaller than what the program reads.
    /// </exception>
    public static BpfIterator Create(BpfProgram program, BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        using var lease = map.Handle.Lease();
        var iterator = Create(program, new() { MapFd = lease.Fd }, sizeof(uint), errno => errno switch
        {
            Errno.EINVAL => $"the program does not walk over a {map.Info.Type}, as map '{map.Info.Name}' is",
            Errno.EACCES => $"the program reads more than map '{map.Info.Name}' ({map.Info.Type}) has, which is a key of {map.Info.KeySize} and a value of {map.Info.ValueSize} bytes",
            _ => null,
        });
        // Before 5.10 the kernel tells neither the map nor what is walked over.
        return iterator.OrRefused(program, info => info.IterMapId == map.Info.Id || iterator.TargetName.Length == 0, "elements of a map");
    }

    /// <summary>Makes an iterator over the threads of one process, or over what they have. Minimum kernel: 6.1.</summary>
    /// <param name="program">The program, made for tasks or what belongs to them.</param>
    /// <param name="processId">The process, as this process sees its number. Without such a process a walk is empty.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.1.</exception>
    /// <exception cref="BpfException">The kernel refused: EINVAL or EBADF if the program is not made for tasks.</exception>
    public static BpfIterator CreateForProcess(BpfProgram program, int processId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        return CreateForTarget(program, new() { ProcessId = (uint)processId }, Tasks, info => info.IterProcessId == (uint)processId, "processes");
    }

    /// <summary>Makes an iterator over one thread, or over what it has. Minimum kernel: 6.1.</summary>
    /// <param name="program">The program, made for tasks or what belongs to them.</param>
    /// <param name="threadId">The thread, as this process sees its number. Without such a thread a walk is empty.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.1.</exception>
    /// <exception cref="BpfException">The kernel refused: EINVAL or EBADF if the program is not made for tasks.</exception>
    public static BpfIterator CreateForThread(BpfProgram program, int threadId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threadId);
        return CreateForTarget(program, new() { ThreadId = (uint)threadId }, Tasks, info => info.IterThreadId == (uint)threadId, "threads");
    }

    /// <summary>Makes an iterator over cgroups. Minimum kernel: 6.1.</summary>
    /// <param name="program">The program, made for cgroups.</param>
    /// <param name="cgroup">Where to start. The iterator keeps it from going away for good.</param>
    /// <param name="walk">Which ones it visits, and in which order.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.1.</exception>
    /// <exception cref="BpfException">The kernel refused: EINVAL or EBADF if the program is not made for cgroups.</exception>
    public static BpfIterator CreateForCgroup(BpfProgram program, Cgroup cgroup, CgroupWalk walk = CgroupWalk.SubtreeParentsFirst)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        if (!Enum.IsDefined(walk))
            throw new ArgumentOutOfRangeException(nameof(walk), walk, "no walk");
        using var directory = cgroup.OpenHandle();
        using var lease = new FdLease(directory);
        return CreateForTarget(
            program, new() { CgroupOrder = (uint)walk, CgroupFd = lease.Fd }, "cgroups", info => info.IterCgroupId == cgroup.Id, "cgroups");
    }

    /// <summary>What it walks over, for example <c>tcp</c>, <c>task</c> or <c>bpf_map_elem</c>.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public string TargetName => ReadName(RawLinkInfo.NameOffset);

    /// <summary>
    /// Walks and gives each record as soon as it is there. Each enumeration is a walk of its own, which starts with it, in the network namespace
    /// of the thread that starts it; what is not enumerated is not walked.
    /// </summary>
    /// <typeparam name="T">What the program writes for each object: a struct of the same size, as in C.</typeparam>
    /// <exception cref="BpfException">The kernel refused.</exception>
    /// <exception cref="MapLayoutException">The type does not keep the order of its fields, as a tuple.</exception>
    /// <exception cref="InvalidDataException">What the program wrote is no multiple of the record's size.</exception>
    public IEnumerable<T> ReadAll<T>()
        where T : unmanaged
    {
        MapLayoutException.ThrowIfArranged<T>(Name);
        using var stream = Open();
        foreach (var record in BpfIteratorRecords.Read<T>(stream, Name))
            yield return record;
    }

    /// <summary>
    /// Starts a walk. The program runs as the stream is read, in the context of the reading thread; what belongs to a network namespace is that of the
    /// thread that calls this. The stream is read to its end, forward only.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public Stream Open()
    {
        using var lease = Handle.Lease();
        var attr = new IterCreateAttr { LinkFd = lease.Fd };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.IterCreate, ref attr, out var fd), $"start a walk of '{Name}'");
        return new BpfIteratorStream(new SafeFileHandle(fd, ownsHandle: true), Name);
    }

    private protected override void ThrowIfNoReplacement(BpfProgram program) => ThrowIfNoIterator(program);

    private static BpfIterator CreateForTarget(BpfProgram program, IterLinkInfo info, string objects, Predicate<RawLinkInfo> isLimited, string limit)
    {
        try
        {
            var iterator = Create(
                program,
                info,
                (uint)sizeof(IterLinkInfo),
                errno => errno is Errno.EINVAL or Errno.EBADF ? $"the program does not walk over {objects}" : null);
            return iterator.OrRefused(program, isLimited, limit);
        }
        catch (BpfException e) when (e.Errno is Errno.EINVAL or Errno.E2BIG)
        {
            // An older kernel does not know the fields, or reads them as a map.
            BpfFeature.IteratorTargets.ThrowIfUnsupported();
            throw;
        }
    }

    /// <summary>This iterator, unless it walks over all: the kernel passes over a limit that what is walked over does not know.</summary>
    /// <param name="program">The program.</param>
    /// <param name="isLimited">Whether the kernel has kept the limit.</param>
    /// <param name="limit">What it is limited by, for messages.</param>
    private BpfIterator OrRefused(BpfProgram program, Predicate<RawLinkInfo> isLimited, string limit)
    {
        try
        {
            if (isLimited(ReadInfo()))
                return this;
            throw new BpfException($"make an iterator of program '{program.Name}'", Errno.EINVAL, $"it walks over {TargetName}, which does not go by {limit}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static BpfIterator Create(BpfProgram program, IterLinkInfo info, uint infoLength, Func<Errno, string?> reasonOf)
    {
        ArgumentNullException.ThrowIfNull(program);
        ThrowIfNoIterator(program);
        using var lease = program.Handle.Lease();
        var attr = new LinkCreateAttr
        {
            ProgFd = lease.Fd,
            AttachType = (uint)AttachType.TraceIterator,
            IterInfo = infoLength == 0 ? 0 : (ulong)(&info),
            IterInfoLength = infoLength,
        };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.Iterator.ThrowIfUnsupported();
        if (reasonOf(errno) is { } reason)
            throw new BpfException($"make an iterator of program '{program.Name}'", errno, reason);
        BpfException.ThrowIfFailed(errno, $"make an iterator of program '{program.Name}'");
        return new(new SafeBpfHandle(fd), program.Name);
    }

    private static void ThrowIfNoIterator(BpfProgram program)
    {
        if (program is not { Type: ProgramType.Tracing, AttachType: AttachType.TraceIterator })
            throw new ArgumentException($"program '{program.Name}' is a {program.Kind}, no iterator", nameof(program));
    }
}
