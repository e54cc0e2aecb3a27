namespace Datapath.Policy;

/// <summary>An address of a <see cref="Node"/>.</summary>
/// <param name="Type">What it is for: <see cref="InternalIP"/>, <see cref="ExternalIP"/>, <c>Hostname</c> or another.</param>
/// <param name="Address">The address; for the other types a name.</param>
public readonly record struct NodeAddress(string Type, string Address)
{
    /// <summary>The type of an address inside the cluster.</summary>
    public const string InternalIP = nameof(InternalIP);

    /// <summary>The type of an address outside the cluster.</summary>
    public const string ExternalIP = nameof(ExternalIP);

    /// <summary>Whether it is an IP address.</summary>
    public bool IsIP => Type is InternalIP or ExternalIP;
}
