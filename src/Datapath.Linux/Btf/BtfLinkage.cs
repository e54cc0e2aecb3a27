namespace Datapath.Linux.Btf;

/// <summary>Who sees a function or variable.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum BtfLinkage
{
    /// <summary>Its own file.</summary>
    Static = 0,

    /// <summary>Everybody.</summary>
    Global = 1,

    /// <summary>It is defined elsewhere: in the kernel.</summary>
    Extern = 2,
}
