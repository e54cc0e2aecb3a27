using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A section of global variables: an array map with one element. Constants (<c>.rodata</c>, <c>.kconfig</c>) are frozen at load.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed class DataSectionSpec
{
    private readonly byte[] _content;
    private readonly ImmutableDictionary<string, VariableSpec> _variables;

    internal DataSectionSpec(string name, byte[] content, uint typeId, IEnumerable<VariablePlace> variables)
    {
        Name = name;
        TypeId = typeId;
        _content = content;
        var specs = ImmutableDictionary.CreateBuilder<string, VariableSpec>();
        foreach (var variable in variables)
            specs[variable.Name] = new(this, variable);
        _variables = specs.ToImmutable();
    }

    /// <summary>The section, for example <c>.rodata</c>.</summary>
    public string Name { get; }

    /// <summary>Whether programs see constants.</summary>
    public bool IsReadOnly => Name.StartsWith(".rodata", StringComparison.Ordinal) || Name == KernelOptionLayout.Section;

    /// <summary>The names of the variables.</summary>
    public IEnumerable<string> Variables => _variables.Keys;

    internal uint TypeId { get; }

    internal Span<byte> Content => _content;

    /// <summary>What a variable is before the load.</summary>
    /// <param name="variable">Its name.</param>
    /// <exception cref="ArgumentException">There is no such variable, or it has another size.</exception>
    public T Get<T>(string variable)
        where T : unmanaged => Find(variable).Get<T>();

    /// <summary>Sets a variable before the load.</summary>
    /// <param name="variable">Its name.</param>
    /// <param name="value">Its value, of exactly the variable's size.</param>
    /// <exception cref="ArgumentException">There is no such variable, or it has another size, or the type has padding.</exception>
    public void Set<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>(string variable, T value)
        where T : unmanaged => Find(variable).Set(value);

    internal IEnumerable<VariableSpec> All => _variables.Values;

    internal VariableSpec? TryFind(string variable) => _variables.GetValueOrDefault(variable);

    private VariableSpec Find(string variable) => TryFind(variable)
        ?? throw new ArgumentException($"section '{Name}' has no variable '{variable}'; it has {CloseNames.List(variable, _variables.Keys)}", nameof(variable));
}
