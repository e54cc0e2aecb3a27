using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>A section of global variables: an array map with one element. Constants (<c>.rodata</c>) are frozen at load.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed class DataSectionSpec
{
    private readonly byte[] _content;
    private readonly ImmutableDictionary<string, (int Offset, int Size)> _variables;

    internal DataSectionSpec(string name, byte[] content, uint typeId, ImmutableDictionary<string, (int Offset, int Size)> variables)
    {
        Name = name;
        TypeId = typeId;
        _content = content;
        _variables = variables;
    }

    /// <summary>The section, for example <c>.rodata</c>.</summary>
    public string Name { get; }

    /// <summary>Whether programs see constants.</summary>
    public bool IsReadOnly => Name.StartsWith(".rodata", StringComparison.Ordinal);

    /// <summary>The names of the variables.</summary>
    public IEnumerable<string> Variables => _variables.Keys;

    internal uint TypeId { get; }

    internal ReadOnlySpan<byte> Content => _content;

    /// <summary>Sets a variable before the load.</summary>
    /// <param name="variable">Its name.</param>
    /// <param name="value">Its value, of exactly the variable's size.</param>
    /// <exception cref="ArgumentException">There is no such variable, or it has another size.</exception>
    public void Set<T>(string variable, T value)
        where T : unmanaged
    {
        if (!_variables.TryGetValue(variable, out var place))
            throw new ArgumentException($"section '{Name}' has no variable '{variable}'; it has {string.Join(", ", _variables.Keys.Order())}", nameof(variable));
        if (place.Size != Unsafe.SizeOf<T>())
            throw new ArgumentException($"variable '{variable}' has {place.Size} bytes, {typeof(T).Name} has {Unsafe.SizeOf<T>()}", nameof(value));
        MemoryMarshal.Write(_content.AsSpan(place.Offset), in value);
    }
}
