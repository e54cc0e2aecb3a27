namespace Datapath.Policy;

/// <summary>The kinds of object that are read and compiled.</summary>
public enum ObjectKind
{
    /// <summary><c>Service</c> of <c>v1</c>.</summary>
    Service,

    /// <summary><c>EndpointSlice</c> of <c>discovery.k8s.io/v1</c>.</summary>
    EndpointSlice,
}
