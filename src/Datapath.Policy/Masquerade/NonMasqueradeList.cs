using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>Destinations that are not masqueraded, as the file of the ip-masq-agent lists them.</summary>
public sealed record NonMasqueradeList
{
    /// <summary>The list that counts where there is no file: the ranges that are private or reserved (IPv4), and link-local addresses.</summary>
    public static NonMasqueradeList Default { get; } = new()
    {
        Cidrs =
        [
            IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"),
            IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("198.18.0.0/15"),
            IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("240.0.0.0/4"),
        ],
    };

    /// <summary>The ranges, of both families. Default: none.</summary>
    public ImmutableArray<IPNetwork> Cidrs { get; init; } = [];

    /// <summary>Whether 169.254.0.0/16 is masqueraded; otherwise it belongs to the list. Default: no.</summary>
    public bool MasqLinkLocal { get; init; }

    /// <summary>Whether fe80::/10 is masqueraded; otherwise it belongs to the list. Default: no.</summary>
    public bool MasqLinkLocalIPv6 { get; init; }

    /// <summary>Equal in all fields, ranges in the same order.</summary>
    /// <param name="other">The list to compare with.</param>
    public bool Equals(NonMasqueradeList? other) =>
        ReferenceEquals(this, other)
        || (other is not null && MasqLinkLocal == other.MasqLinkLocal && MasqLinkLocalIPv6 == other.MasqLinkLocalIPv6
            && ValueEquality.Same(Cidrs, other.Cidrs));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MasqLinkLocal, MasqLinkLocalIPv6, Cidrs.AsSpan().Length);
}
