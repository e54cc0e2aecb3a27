namespace Datapath.BpfObjects.Layout;

/// <summary>Names the C type that a C# type mirrors. Tests compare the two field by field, by the BTF of the object.</summary>
/// <param name="name">The C name, without <c>struct</c> or <c>enum</c>.</param>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class KernelTypeAttribute(string name) : Attribute
{
    /// <summary>The C name.</summary>
    public string Name { get; } = name;
}
