using System.Collections.Immutable;
using System.Net;

namespace Datapath;

/// <summary>
/// Whose packets get which source address when they leave the node, as data: two lookups, one for the source and one for the destination,
/// and one table with a verdict for each pair of classes. Immutable, and equal by value.
/// </summary>
/// <remarks>
/// An engine holds no rules of its own: it looks the classes up and reads the verdict, as <see cref="Decide"/> does. What
/// comes before the table needs the engine's knowledge of flows: whether a packet comes from the NAT address, and whether it is a reply.
/// </remarks>
public sealed class MasqueradeState : IEquatable<MasqueradeState>
{
    /// <summary>The most source classes, destination classes and address choices that there may be: their numbers are bytes.</summary>
    public const int MostClasses = 256;

    private readonly Lazy<MasqueradePrefixLookup> _sources;
    private readonly Lazy<MasqueradePrefixLookup> _destinations;

    /// <summary>Makes a state of its parts.</summary>
    /// <param name="sources">The classes of sources.</param>
    /// <param name="destinations">The classes of destinations.</param>
    /// <param name="addressChoices">The ways to choose an address, 1 to 256, by number. Choice 0 is that of sources without a pool.</param>
    /// <param name="verdicts">A verdict for each pair of classes: those of source class 0 by destination class, then those of source class 1, and so on.</param>
    /// <exception cref="ArgumentException">A part does not fit the others. The message names it.</exception>
    public MasqueradeState(
        MasqueradeSources sources, MasqueradeDestinations destinations, ImmutableArray<MasqueradeAddressChoice> addressChoices,
        ImmutableArray<MasqueradeVerdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(destinations);
        (Sources, Destinations, AddressChoices, Verdicts) = (sources, destinations, addressChoices, verdicts);
        MasqueradeStateCheck.ThrowIfInvalid(this);
        _sources = new(() => new(Sources.Prefixes.AsSpan()));
        _destinations = new(() => new(Destinations.Prefixes.AsSpan()));
    }

    /// <summary>A state in which no packet is translated.</summary>
    public static MasqueradeState Off { get; } = new(
        new() { Classes = [new(MasqueradeSourceFacts.Forwarded), new(MasqueradeSourceFacts.Host)], ForwardedClass = 0, HostClass = 1 },
        new() { Classes = [MasqueradeDestinationFacts.FamilyOff] },
        [new("", MasqueradeAddressSource.Device)],
        [new(MasqueradeAction.Keep, MasqueradeReason.FamilyOff), new(MasqueradeAction.Keep, MasqueradeReason.FamilyOff)]);

    /// <summary>The classes of sources.</summary>
    public MasqueradeSources Sources { get; }

    /// <summary>The classes of destinations.</summary>
    public MasqueradeDestinations Destinations { get; }

    /// <summary>The ways to choose an address, by number.</summary>
    public ImmutableArray<MasqueradeAddressChoice> AddressChoices { get; }

    /// <summary>The table: the verdict for source class s and destination class d is at s · (number of destination classes) + d.</summary>
    public ImmutableArray<MasqueradeVerdict> Verdicts { get; }

    /// <summary>The verdict for a pair of classes.</summary>
    /// <param name="sourceClass">The number of the source class.</param>
    /// <param name="destinationClass">The number of the destination class.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public MasqueradeVerdict VerdictOf(int sourceClass, int destinationClass)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sourceClass, (uint)Sources.Classes.Length, nameof(sourceClass));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)destinationClass, (uint)Destinations.Classes.Length, nameof(destinationClass));
        return Verdicts[(sourceClass * Destinations.Classes.Length) + destinationClass];
    }

    /// <summary>
    /// What becomes of a packet that leaves the node: one from the NAT address itself is tracked, a reply keeps its source, and on all others
    /// the table decides. An IPv4-mapped address counts as the IPv4 address that it stands for.
    /// </summary>
    /// <param name="packet">The packet.</param>
    /// <exception cref="ArgumentException">An address is missing, or the two are of different families.</exception>
    public MasqueradeDecision Decide(MasqueradePacket packet)
    {
        if (packet.Source is null || packet.Destination is null)
            throw new ArgumentException($"{(packet.Source is null ? nameof(packet.Source) : nameof(packet.Destination))}: must be an address", nameof(packet));
        var (from, to) = (Plain(packet.Source), Plain(packet.Destination));
        if (from.AddressFamily != to.AddressFamily)
            throw new ArgumentException($"{nameof(packet.Destination)}: '{to}' must be of the family of {nameof(packet.Source)} '{from}'", nameof(packet));
        var source = _sources.Value.Find(from) is { } entry ? new(entry.Class, entry.Prefix)
            : packet.Interface is { } name ? Sources.FindByInterface(name)
            : new MasqueradeMatch(Sources.HostClass);
        var destination = _destinations.Value.Find(to) is { } found ? new MasqueradeMatch(found.Class, found.Prefix) : default;
        var verdict = packet.IsFromNatAddress ? new(MasqueradeAction.Track, MasqueradeReason.NatAddress)
            : packet.IsReply ? new(MasqueradeAction.Keep, MasqueradeReason.Reply)
            : VerdictOf(source.Class, destination.Class);
        return new(verdict, source, destination);
    }

    /// <inheritdoc/>
    public bool Equals(MasqueradeState? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Sources.Equals(other.Sources) && Destinations.Equals(other.Destinations)
            && AddressChoices.AsSpan().SequenceEqual(other.AddressChoices.AsSpan()) && Verdicts.AsSpan().SequenceEqual(other.Verdicts.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MasqueradeState);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sources, Destinations, AddressChoices.Length);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
