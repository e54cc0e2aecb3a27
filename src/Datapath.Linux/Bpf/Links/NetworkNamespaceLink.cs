using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program that serves a network namespace as a whole: one that chooses the socket for what comes in, or one that takes packets apart for hashes
/// and filters. It ends with the link or with the namespace. Minimum kernel: 5.8 for <see cref="AttachType.FlowDissector"/>, 5.9 for
/// <see cref="AttachType.SkLookup"/>.
/// </summary>
/// <remarks>A namespace takes up to 64 programs of the kind <see cref="ProgramType.SkLookup"/>, which run in the order in which they were attached,
/// and one of the kind <see cref="ProgramType.FlowDissector"/>.</remarks>
public sealed class NetworkNamespaceLink : BpfLink
{
    private const string Current = "/proc/thread-self/ns/net";

    internal NetworkNamespaceLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"net:[{NamespaceInode}] ({Hook})";

    /// <summary>The inode of the namespace, as in <c>net:[4026531833]</c>; 0 if it was removed, whereupon the link does nothing any more.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ulong NamespaceInode => ReadInfo().NamespaceInode;

    /// <summary>The hook that the program is attached to.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public AttachType Hook => (AttachType)ReadInfo().NamespaceAttachType;

    /// <summary>Attaches a program to the network namespace of the calling thread.</summary>
    /// <inheritdoc cref="Attach(BpfProgram, SafeFileHandle)"/>
    public static NetworkNamespaceLink Attach(BpfProgram program)
    {
        using var current = OpenCurrent();
        return Attach(program, current);
    }

    /// <summary>Attaches a program to a network namespace.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.SkLookup"/> or a <see cref="ProgramType.FlowDissector"/>.</param>
    /// <param name="networkNamespace">The namespace: its open file. The link does not keep it alive.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel has no such links.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: EEXIST if there is a flow dissector, E2BIG if there are 64 programs, EINVAL if the file is no network namespace.
    /// </exception>
    public static NetworkNamespaceLink Attach(BpfProgram program, SafeFileHandle networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(networkNamespace);
        var hook = HookOf(program);
        using var lease = program.Handle.Lease();
        using var namespaceLease = new FdLease(networkNamespace);
        var attr = new LinkCreateAttr { ProgFd = lease.Fd, TargetFd = namespaceLease.Fd, AttachType = (uint)hook };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            FeatureOf(hook).ThrowIfUnsupported();
        if (errno is Errno.E2BIG)
            throw new BpfException($"attach program '{program.Name}' to a network namespace ({hook})", errno, "no more programs fit");
        BpfException.ThrowIfFailed(errno, $"attach program '{program.Name}' to a network namespace ({hook})");
        return new(new SafeBpfHandle(fd), program.Name);
    }

    /// <summary>Asks what is attached to the network namespace of the calling thread, by whomever.</summary>
    /// <inheritdoc cref="Query(SafeFileHandle, AttachType)"/>
    public static ImmutableArray<uint> Query(AttachType hook)
    {
        using var current = OpenCurrent();
        return Query(current, hook);
    }

    /// <summary>Asks what is attached to a network namespace, by whomever.</summary>
    /// <param name="networkNamespace">The namespace: its open file.</param>
    /// <param name="hook"><see cref="AttachType.SkLookup"/> or <see cref="AttachType.FlowDissector"/>.</param>
    /// <returns>The programs, by id, in the order in which they run.</returns>
    /// <exception cref="FeatureNotSupportedException">The kernel has no socket lookup.</exception>
    /// <exception cref="BpfException">The kernel refused: EINVAL for a hook that namespaces do not have, or a file that is none.</exception>
    public static ImmutableArray<uint> Query(SafeFileHandle networkNamespace, AttachType hook)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        using var lease = new FdLease(networkNamespace);
        var errno = ProgramQuery.TryRead(lease.Fd, hook, 0, withLinks: false, out var programs, out _, out _);
        if (errno is Errno.EINVAL && hook is AttachType.SkLookup)
            BpfFeature.SocketLookup.ThrowIfUnsupported();
        BpfException.ThrowIfFailed(errno, LinuxCapabilities.NetAdmin, $"query the programs of a network namespace ({hook})");
        return [.. programs.Select(static p => p.ProgramId)];
    }

    private protected override void ThrowIfNoReplacement(BpfProgram program) =>
        ThrowIfNotOfKind(program, Hook is AttachType.SkLookup ? ProgramType.SkLookup : ProgramType.FlowDissector);

    private static AttachType HookOf(BpfProgram program) => program.Type switch
    {
        ProgramType.SkLookup => AttachType.SkLookup,
        ProgramType.FlowDissector => AttachType.FlowDissector,
        var other => throw new ArgumentException(
            $"program '{program.Name}' is a {other}, a network namespace takes a {ProgramType.SkLookup} or a {ProgramType.FlowDissector}", nameof(program)),
    };

    private static BpfFeature FeatureOf(AttachType hook) =>
        hook is AttachType.SkLookup ? BpfFeature.SocketLookup : BpfFeature.FlowDissectorLink;

    private static SafeFileHandle OpenCurrent()
    {
        var errno = KernelFile.TryOpen(Current, Libc.O_RDONLY, out var handle);
        if (errno is Errno.None)
            return handle;
        handle.Dispose();
        throw new LinuxException($"open '{Current}'", errno);
    }
}
