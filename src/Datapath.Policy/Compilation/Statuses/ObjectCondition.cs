namespace Datapath.Policy;

/// <summary>What became of an object.</summary>
public enum ObjectCondition
{
    /// <summary>In force, and nothing to program for it alone: an endpoint slice, or a service without a cluster address.</summary>
    Accepted,

    /// <summary>
    /// A service or pod with frontends, at least one of which leads somewhere, or a policy that redirects at least one; see
    /// <see cref="ObjectStatus.IsPartial"/> for the others.
    /// </summary>
    Active,

    /// <summary>
    /// A service all of whose frontends refuse dials, for want of a usable backend or because policies want it so, or a policy that
    /// redirects nothing: it has no pod that fits, or what it means does not exist.
    /// </summary>
    NoBackends,

    /// <summary>A service without a virtual address by intention: clients find its endpoints through DNS.</summary>
    Headless,

    /// <summary>Something that wants an address which another object holds, or which another policy redirects. It takes over when the address becomes free.</summary>
    Conflict,

    /// <summary>Invalid: treated as if it did not exist.</summary>
    Rejected,

    /// <summary>Valid, but of a form that is not compiled, such as endpoints that are DNS names.</summary>
    Unsupported,

    /// <summary>Meant for somebody else, such as a service with a proxy of its own.</summary>
    Skipped,
}
