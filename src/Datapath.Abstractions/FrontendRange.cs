using System.Collections.Immutable;
using System.Net;

namespace Datapath;

/// <summary>
/// Addresses and ports that redirect policies take over together. A <see cref="Frontend"/> with the exact address comes before a range;
/// of several ranges the one with the longer prefix counts, then the one with fewer ports, then the one with the lower first port. Whatever
/// lies inside a range has the range's redirects among its own. Loopback (127.0.0.0/8, ::1) and the unspecified addresses are each network
/// namespace's own: a range means them only if it lies inside them.
/// </summary>
/// <param name="Prefix">The addresses.</param>
/// <param name="FirstPort">The first port, 1 to 65535.</param>
/// <param name="LastPort">The last port, not below <paramref name="FirstPort"/>.</param>
/// <param name="Protocol">The transport protocol.</param>
/// <param name="Redirects">What happens to a dial: the first that is for its client; at least one.</param>
public sealed record FrontendRange(
    IPNetwork Prefix, ushort FirstPort, ushort LastPort, L4Protocol Protocol, ImmutableArray<Redirect> Redirects)
{
    /// <summary>Equal in all parts.</summary>
    /// <param name="other">The range to compare with.</param>
    public bool Equals(FrontendRange? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Prefix.Equals(other.Prefix) && FirstPort == other.FirstPort && LastPort == other.LastPort
            && Protocol == other.Protocol && Redirects.AsSpan().SequenceEqual(other.Redirects.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Prefix, FirstPort, LastPort, Protocol);

    /// <summary>For example <c>10.0.0.0/8:80-90/TCP</c>.</summary>
    public override string ToString()
    {
        var ports = FirstPort == LastPort ? $"{FirstPort}" : $"{FirstPort}-{LastPort}";
        var prefix = Prefix.BaseAddress.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Prefix}]" : $"{Prefix}";
        return $"{prefix}:{ports}/{Protocol.ToString().ToUpperInvariant()}";
    }
}
