namespace Datapath.Policy;

/// <summary>What became of an object.</summary>
public enum ObjectCondition
{
    /// <summary>In force, and nothing to program for it alone: an endpoint slice, or a service without a cluster address.</summary>
    Accepted,

    /// <summary>A service with frontends, at least one of which has a usable backend.</summary>
    Active,

    /// <summary>A service whose frontends have no usable backend: dials are refused.</summary>
    NoBackends,

    /// <summary>A service without a virtual address by intention: clients find its endpoints through DNS.</summary>
    Headless,

    /// <summary>A service that claims an address which another service holds. It takes over when the address becomes free.</summary>
    Conflict,

    /// <summary>Invalid: treated as if it did not exist.</summary>
    Rejected,

    /// <summary>Valid, but of a form that is not compiled, such as endpoints that are DNS names.</summary>
    Unsupported,

    /// <summary>Meant for somebody else, such as a service with a proxy of its own.</summary>
    Skipped,
}
