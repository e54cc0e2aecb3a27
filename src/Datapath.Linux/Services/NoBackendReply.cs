namespace Datapath.Linux;

/// <summary>What an application gets that dials a service without usable backends.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum NoBackendReply
{
    /// <summary>ECONNREFUSED, as with kube-proxy's reject rule.</summary>
    Refuse,

    /// <summary>EHOSTUNREACH, as with Cilium.</summary>
    Unreachable,
}
