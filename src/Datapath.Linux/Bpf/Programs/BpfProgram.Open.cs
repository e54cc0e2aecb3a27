namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfProgram
{
    /// <summary>Opens a pinned program.</summary>
    /// <param name="path">Its path on a bpf filesystem.</param>
    /// <param name="attachType">
    /// The hook that it is made for: the kernel does not tell. Needed only to attach it to a cgroup or to make an iterator of it; the default
    /// is the hook that its kind has, if it has one.
    /// </param>
    /// <exception cref="BpfException">There is none, or it is not a program.</exception>
    public static BpfProgram OpenPinned(string path, AttachType? attachType = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Wrap(BpfPin.Open(path, "program"), path, attachType);
    }

    /// <summary>Opens a program by its number. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="attachType">As for <see cref="OpenPinned"/>.</param>
    /// <exception cref="BpfException">There is none (ENOENT).</exception>
    public static BpfProgram OpenById(uint id, AttachType? attachType = null)
    {
        var attr = new GetByIdAttr { Id = id };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ProgGetFdById, ref attr, out var fd), BpfPermission.ById, $"open program {id}");
        return Wrap(new SafeBpfHandle(fd), $"program {id}", attachType);
    }

    /// <summary>Pins the program: it stays loaded after this process until the file is deleted. That alone does not make it run.</summary>
    /// <param name="path">A path on a bpf filesystem that does not exist yet.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void Pin(string path) => BpfPin.Pin(Handle, path, $"program '{Name}'");

    private static BpfProgram Wrap(SafeBpfHandle handle, string place, AttachType? attachType)
    {
        try
        {
            BpfObjectKind.ThrowIfOther(handle, "prog", place);
            var info = ReadInfo(handle, place);
            var type = (ProgramType)info.Type;
            return new(handle, KernelName.Read(new ReadOnlySpan<byte>(info.Name, KernelName.Size)), type, attachType ?? DefaultHook(type));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static AttachType? DefaultHook(ProgramType type) => type switch
    {
        ProgramType.SockOps => Bpf.AttachType.CgroupSockOps,
        ProgramType.CgroupDevice => Bpf.AttachType.CgroupDevice,
        ProgramType.CgroupSysctl => Bpf.AttachType.CgroupSysctl,
        ProgramType.SkMsg => Bpf.AttachType.SkMsgVerdict,
        ProgramType.Xdp => Bpf.AttachType.Xdp,
        ProgramType.Netfilter => Bpf.AttachType.Netfilter,
        ProgramType.SkLookup => Bpf.AttachType.SkLookup,
        ProgramType.FlowDissector => Bpf.AttachType.FlowDissector,
        _ => null,
    };
}
