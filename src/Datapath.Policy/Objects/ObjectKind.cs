namespace Datapath.Policy;

/// <summary>The kinds of object that are read and compiled.</summary>
public enum ObjectKind
{
    /// <summary><c>Service</c> of <c>v1</c>.</summary>
    Service,

    /// <summary><c>EndpointSlice</c> of <c>discovery.k8s.io/v1</c>.</summary>
    EndpointSlice,

    /// <summary><c>Pod</c> of <c>v1</c>.</summary>
    Pod,

    /// <summary><c>Node</c> of <c>v1</c>. In no namespace.</summary>
    Node,

    /// <summary><c>Namespace</c> of <c>v1</c>. In no namespace.</summary>
    Namespace,

    /// <summary><c>CiliumLocalRedirectPolicy</c> of <c>cilium.io/v2</c>.</summary>
    CiliumLocalRedirectPolicy,

    /// <summary><c>ClusterLocalRedirectPolicy</c> of <c>datapath.io/v1alpha1</c>. In no namespace.</summary>
    ClusterLocalRedirectPolicy,
}
