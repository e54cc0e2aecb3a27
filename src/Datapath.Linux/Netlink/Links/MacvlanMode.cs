namespace Datapath.Linux.Netlink;

/// <summary>How the macvlan interfaces of one lower interface see each other. Values are the kernel's.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum MacvlanMode
{
    /// <summary>Not at all.</summary>
    Private = 1,

    /// <summary>Through the switch outside, which must send frames back.</summary>
    Vepa = 2,

    /// <summary>Directly.</summary>
    Bridge = 4,

    /// <summary>There is only one, and it takes the lower interface over.</summary>
    Passthru = 8,

    /// <summary>Only frames from hardware addresses of a list are taken.</summary>
    Source = 16,
}
