using System.Globalization;

namespace Datapath.Policy;

/// <summary>A port by number or by name, as in <c>targetPort</c>. The default value refers to none.</summary>
public readonly record struct PortReference
{
    /// <summary>Refers to a port by its number.</summary>
    /// <param name="number">1 to 65535.</param>
    public PortReference(int number) => Number = number;

    /// <summary>Refers to a port by its name.</summary>
    /// <param name="name">The name of a container port.</param>
    public PortReference(string name) => Name = name;

    /// <summary>The number; <see langword="null"/> if the port is given by name or not at all.</summary>
    public int? Number { get; }

    /// <summary>The name; <see langword="null"/> if the port is given by number or not at all.</summary>
    public string? Name { get; }

    /// <summary>The number or the name; empty if there is none.</summary>
    public override string ToString() => Name ?? Number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
