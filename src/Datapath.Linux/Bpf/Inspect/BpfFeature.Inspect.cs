namespace Datapath.Linux.Bpf;

// What tools that list everything need.
public sealed unsafe partial class BpfFeature
{
    /// <summary>Links found by number (<c>BPF_LINK_GET_NEXT_ID</c>), Linux 5.8.</summary>
    public static BpfFeature LinkNumbers { get; } = new("list of links", "5.8", static () => KnowsNextId(BpfCommand.LinkGetNextId));

    /// <summary>BTF objects found by number (<c>BPF_BTF_GET_NEXT_ID</c>), Linux 5.4.</summary>
    public static BpfFeature BtfNumbers { get; } = new("list of BTF objects", "5.4", static () => KnowsNextId(BpfCommand.BtfGetNextId));

    // The arguments are good, so a refusal as invalid means the command. EPERM may be said to any command, known or not.
    private static bool? KnowsNextId(BpfCommand command)
    {
        var attr = default(GetByIdAttr);
        return Libc.Bpf(command, ref attr) switch
        {
            Errno.None or Errno.ENOENT => true,
            Errno.EINVAL => false,
            _ => null,
        };
    }
}
