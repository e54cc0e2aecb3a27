namespace Datapath.Linux.Bpf;

/// <summary>Which packets of an interface a program sees.</summary>
/// <remarks>Minimum kernel: 6.6.</remarks>
public enum TcxDirection
{
    /// <summary>Those that come in.</summary>
    Ingress,

    /// <summary>Those that leave.</summary>
    Egress,
}
