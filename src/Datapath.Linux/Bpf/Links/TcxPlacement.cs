namespace Datapath.Linux.Bpf;

/// <summary>Where among the programs of an interface a new one runs. The first that does not say "next" decides.</summary>
/// <remarks>Minimum kernel: 6.6.</remarks>
public sealed class TcxPlacement
{
    // linux/bpf.h
    private const uint BPF_F_BEFORE = 1 << 3;
    private const uint BPF_F_AFTER = 1 << 4;
    private const uint BPF_F_LINK = 1 << 13;

    private TcxPlacement(uint flags, SafeBpfHandle? anchor = null) => (Flags, Anchor) = (flags, anchor);

    /// <summary>Before all that are there.</summary>
    public static TcxPlacement First { get; } = new(BPF_F_BEFORE);

    /// <summary>After all that are there.</summary>
    public static TcxPlacement Last { get; } = new(BPF_F_AFTER);

    /// <summary>For <see cref="LinkCreateAttr.Flags"/>.</summary>
    internal uint Flags { get; }

    /// <summary>The neighbour; <see langword="null"/> if there is none.</summary>
    internal SafeBpfHandle? Anchor { get; }

    /// <summary>Right before a link's program.</summary>
    /// <param name="link">A link to the same interface and direction. It must not be disposed before the attach.</param>
    public static TcxPlacement Before(TcxLink link) => new(BPF_F_BEFORE | BPF_F_LINK, Handle(link));

    /// <summary>Right after a link's program.</summary>
    /// <param name="link">A link to the same interface and direction. It must not be disposed before the attach.</param>
    public static TcxPlacement After(TcxLink link) => new(BPF_F_AFTER | BPF_F_LINK, Handle(link));

    /// <summary>Right before a link's program.</summary>
    /// <param name="link">A link to the same netkit device and side. It must not be disposed before the attach.</param>
    public static TcxPlacement Before(NetkitLink link) => new(BPF_F_BEFORE | BPF_F_LINK, Handle(link));

    /// <summary>Right after a link's program.</summary>
    /// <param name="link">A link to the same netkit device and side. It must not be disposed before the attach.</param>
    public static TcxPlacement After(NetkitLink link) => new(BPF_F_AFTER | BPF_F_LINK, Handle(link));

    /// <summary>Right before a program.</summary>
    /// <param name="program">A program that is attached to the same interface and direction.</param>
    public static TcxPlacement Before(BpfProgram program) => new(BPF_F_BEFORE, Handle(program));

    /// <summary>Right after a program.</summary>
    /// <param name="program">A program that is attached to the same interface and direction.</param>
    public static TcxPlacement After(BpfProgram program) => new(BPF_F_AFTER, Handle(program));

    private static SafeBpfHandle Handle(BpfLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return link.Handle;
    }

    private static SafeBpfHandle Handle(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return program.Handle;
    }
}
