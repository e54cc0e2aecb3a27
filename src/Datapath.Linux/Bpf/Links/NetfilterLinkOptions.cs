namespace Datapath.Linux.Bpf;

/// <summary>Where <see cref="NetfilterLink.Attach"/> puts a program.</summary>
/// <remarks>Minimum kernel: 6.4.</remarks>
public sealed record NetfilterLinkOptions
{
    /// <summary>Which packets. Required.</summary>
    public required NetfilterFamily Family { get; init; }

    /// <summary>Where on their way. Required.</summary>
    public required NetfilterHook Hook { get; init; }

    /// <summary>
    /// The place among all that hangs on the hook: lower runs first, and each place is for one program. The default, 0, is where iptables'
    /// filter tables are.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>
    /// Whether packets come in one piece: the kernel joins fragments first. The default is <see langword="false"/>. Needs a priority above
    /// -400. Minimum kernel: 6.6.
    /// </summary>
    public bool Defragment { get; init; }
}

/// <summary>The packets that a netfilter program can see. The numbers are the kernel's.</summary>
/// <remarks>Minimum kernel: 6.4.</remarks>
public enum NetfilterFamily
{
    /// <summary>IPv4.</summary>
    IPv4 = 2,

    /// <summary>IPv6.</summary>
    IPv6 = 10,
}

/// <summary>The places where netfilter looks at a packet. The numbers are the kernel's.</summary>
/// <remarks>Minimum kernel: 6.4.</remarks>
public enum NetfilterHook
{
    /// <summary>It came in; nothing is decided.</summary>
    PreRouting = 0,

    /// <summary>It is for this machine.</summary>
    LocalIn = 1,

    /// <summary>It passes through.</summary>
    Forward = 2,

    /// <summary>This machine sends it.</summary>
    LocalOut = 3,

    /// <summary>It is about to leave.</summary>
    PostRouting = 4,
}
