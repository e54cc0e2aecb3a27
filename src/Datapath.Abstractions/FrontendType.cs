namespace Datapath;

/// <summary>Why a frontend exists. The numbers are stored in the kernel: append, never renumber.</summary>
public enum FrontendType : byte
{
    /// <summary>A virtual address inside the cluster.</summary>
    ClusterIP = 0,
}
