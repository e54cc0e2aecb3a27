namespace Datapath.Policy;

/// <summary>What a policy lacks to have a backend for its frontends.</summary>
[Flags]
internal enum BackendLack
{
    Nothing = 0,

    /// <summary>A pod that is ready.</summary>
    Pods = 1,

    /// <summary>An address of this family, of its pods or in their place.</summary>
    IPv4 = 2,

    /// <inheritdoc cref="IPv4"/>
    IPv6 = 4,

    /// <summary>A port that fits.</summary>
    Ports = 8,
}
