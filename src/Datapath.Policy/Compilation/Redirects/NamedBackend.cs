using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A backend and the names of the ports that it is known by. Names matter only if there are some.</summary>
internal readonly record struct NamedBackend(Backend Backend, ImmutableArray<string> PortNames)
{
    public bool Fits(L4Address address, string portName) =>
        Backend.Address.Protocol == address.Protocol && Backend.Address.IsIPv4 == address.IsIPv4
        && (portName.Length == 0 || PortNames.IsEmpty || PortNames.Contains(portName, StringComparer.OrdinalIgnoreCase));

    public bool Equals(NamedBackend other) => Backend.Equals(other.Backend) && ValueEquality.Same(PortNames, other.PortNames);

    public override int GetHashCode() => Backend.GetHashCode();
}
