using System.Net;

namespace Datapath.Hosting;

/// <summary>Redirect policies.</summary>
public sealed class LocalRedirectOptions
{
    /// <summary><c>localRedirectPolicies:enabled</c>: whether they are in force. Default: yes.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// <c>localRedirectPolicies:addressMatcherCIDRs</c>: the ranges that the address of a namespaced policy must be in. Default: none, all
    /// addresses are allowed.
    /// </summary>
    public IList<IPNetwork> AddressMatcherCidrs { get; } = [];
}
