using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Datapath;

/// <summary>A way to choose the address that packets are translated to.</summary>
/// <param name="Name">The name of the pool; empty for the choice of all that have no pool.</param>
/// <param name="Source">Where the address comes from.</param>
public sealed record MasqueradeAddressChoice(string Name, MasqueradeAddressSource Source)
{
    /// <summary>
    /// The addresses of a <see cref="MasqueradeAddressSource.Fixed"/> choice, of both families, each once. Packets of a family without one get an address
    /// as by <see cref="MasqueradeAddressSource.Device"/>. Default: none, as other choices have.
    /// </summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Where the address of a family comes from: <see cref="Source"/>, or the device where no address of the family is fixed.</summary>
    /// <param name="family">The family.</param>
    public MasqueradeAddressSource SourceOf(AddressFamily family) =>
        Source is MasqueradeAddressSource.Fixed && !Addresses.Any(address => address.AddressFamily == family) ? MasqueradeAddressSource.Device : Source;

    /// <summary>Equal in all parts, addresses in the same order.</summary>
    /// <param name="other">The choice to compare with.</param>
    public bool Equals(MasqueradeAddressChoice? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Source == other.Source && Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Source, Addresses.AsSpan().Length);
}
