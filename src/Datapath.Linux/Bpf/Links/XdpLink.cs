using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program that decides on the packets of an interface before the stack has them; an interface has one. It ends with the link or with the
/// interface. Minimum kernel: 5.9.
/// </summary>
/// <remarks>The program is a <see cref="ProgramType.Xdp"/> and returns 0 (abort: drop and trace), 1 (drop), 2 (pass), 3 (send back out) or 4
/// (redirect).</remarks>
public sealed class XdpLink : BpfLink
{
    internal XdpLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"interface {InterfaceIndex} (XDP)";

    /// <summary>The interface, by its number in its namespace; 0 if it was removed, whereupon the link does nothing any more.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int InterfaceIndex => (int)ReadInfo().InterfaceIndex;

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.Xdp"/>.</param>
    /// <param name="interfaceIndex">The interface, by its number in the network namespace of the calling thread.</param>
    /// <param name="mode">Who runs it.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.9.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: EINVAL or ENODEV without such an interface, EBUSY or EEXIST if it has a program, EOPNOTSUPP if the driver cannot.
    /// </exception>
    public static XdpLink Attach(BpfProgram program, int interfaceIndex, XdpMode mode = XdpMode.Any)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interfaceIndex);
        if (mode is not (XdpMode.Any or XdpMode.Generic or XdpMode.Native))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "no mode");
        if (program.Type is not ProgramType.Xdp)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, XDP takes a {ProgramType.Xdp}", nameof(program));
        using var lease = program.Handle.Lease();
        var attr = new LinkCreateAttr
        {
            ProgFd = lease.Fd,
            TargetFd = (uint)interfaceIndex,
            AttachType = (uint)AttachType.Xdp,
            Flags = (uint)mode,
        };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.XdpLink.ThrowIfUnsupported();
        if (errno is Errno.EINVAL or Errno.ENODEV or Errno.EBUSY or Errno.EEXIST)
            throw new BpfException($"attach program '{program.Name}' to interface {interfaceIndex} (XDP, {mode})", errno, ReasonOf(errno, interfaceIndex));
        BpfException.ThrowIfFailed(errno, LinuxCapabilities.NetAdmin, $"attach program '{program.Name}' to interface {interfaceIndex} (XDP, {mode})");
        return new(new SafeBpfHandle(fd), program.Name);
    }

    private protected override void ThrowIfNoReplacement(BpfProgram program) => ThrowIfNotOfKind(program, ProgramType.Xdp);

    // The kernel tells its reason to a trace only; the interface itself can be asked.
    private static string? ReasonOf(Errno errno, int interfaceIndex)
    {
        try
        {
            var programs = XdpPrograms.Query(interfaceIndex);
            if (errno is Errno.EINVAL or Errno.ENODEV)
                return null; // the interface is there
            return (programs.Generic, programs.Native) switch
            {
                (0, 0) => null,
                (var id, 0) => $"it runs program {id} already, in mode {XdpMode.Generic}",
                (_, var id) => $"it runs program {id} already, in mode {XdpMode.Native}",
            };
        }
        catch (NetlinkException e)
        {
            return e.Errno is Errno.ENODEV ? "there is no such interface in the network namespace of this thread" : null;
        }
    }
}
