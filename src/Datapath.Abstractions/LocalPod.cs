using System.Collections.Immutable;
using System.Net;

namespace Datapath;

/// <summary>
/// A pod of this node, as far as the datapath tells its dials from others': by its network namespace, which is the one that holds its
/// addresses, or on the host's network by its cgroup, which is the one whose name contains its UID.
/// </summary>
/// <param name="Name">Its name.</param>
public sealed record LocalPod(PodName Name)
{
    /// <summary>The UID, empty (the default) if it has none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Whether it is on the host's network. Default: no.</summary>
    public bool IsHostNetwork { get; init; }

    /// <summary>Its addresses. Default: none, as long as it has none.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether its dials are left alone, whatever they are for. Default: no.</summary>
    public bool IsExempt { get; init; }

    /// <summary>Equal in all parts, lists in the same order.</summary>
    /// <param name="other">The pod to compare with.</param>
    public bool Equals(LocalPod? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Uid == other.Uid && IsHostNetwork == other.IsHostNetwork && IsExempt == other.IsExempt
            && Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Uid);

    /// <summary>The name and the addresses.</summary>
    public override string ToString() => $"{Name} {string.Join(' ', Addresses)}{(IsHostNetwork ? " (host network)" : "")}";
}
