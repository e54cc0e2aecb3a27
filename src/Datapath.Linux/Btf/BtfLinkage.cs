namespace Datapath.Linux.Btf;

/// <summary>Who sees a function or variable.</summary>
internal enum BtfLinkage : uint
{
    Static = 0,
    Global = 1,

    /// <summary>It is defined elsewhere: in the kernel.</summary>
    Extern = 2,
}
