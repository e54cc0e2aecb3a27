namespace Datapath.Policy;

/// <summary>What the addresses of an <see cref="EndpointSlice"/> are.</summary>
public enum AddressType
{
    /// <summary>IPv4 addresses.</summary>
    IPv4,

    /// <summary>IPv6 addresses.</summary>
    IPv6,

    /// <summary>DNS names. Such slices are accepted and add no backends: the kernel needs addresses.</summary>
    Fqdn,
}
