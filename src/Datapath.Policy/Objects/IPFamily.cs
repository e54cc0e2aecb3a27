namespace Datapath.Policy;

/// <summary>An IP family, as in <c>spec.ipFamilies</c>.</summary>
public enum IPFamily
{
    /// <summary>IPv4.</summary>
    IPv4,

    /// <summary>IPv6.</summary>
    IPv6,
}
