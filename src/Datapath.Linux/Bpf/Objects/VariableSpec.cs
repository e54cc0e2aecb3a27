using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A global variable of an object, not yet loaded. A constant (<c>const volatile</c>) can be set only here: the verifier computes with it
/// and leaves out what cannot run. The others can be read and written while programs run, see <see cref="BpfVariable"/>.
/// </summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed class VariableSpec
{
    private readonly DataSectionSpec _section;

    internal VariableSpec(DataSectionSpec section, VariablePlace place) => (_section, Place) = (section, place);

    /// <summary>Its name.</summary>
    public string Name => Place.Name;

    /// <summary>Its section, for example <c>.bss</c>.</summary>
    public string Section => _section.Name;

    /// <summary>Bytes from the start of its section.</summary>
    public int Offset => Place.Offset;

    /// <summary>Its bytes.</summary>
    public int Size => Place.Size;

    /// <summary>Its type as C writes it, for example <c>unsigned int[4]</c>; empty if the object does not tell.</summary>
    public string TypeName => Place.TypeName;

    /// <summary>Whether programs see a constant.</summary>
    public bool IsReadOnly => _section.IsReadOnly;

    /// <summary>Its bytes at the load.</summary>
    public ReadOnlySpan<byte> Content => _section.Content.Slice(Offset, Size);

    internal VariablePlace Place { get; }

    /// <summary>Whether it was set here, rather than by the object.</summary>
    internal bool IsSet { get; private set; }

    /// <summary>What it is at the load.</summary>
    /// <typeparam name="T">A type of exactly the variable's size.</typeparam>
    /// <exception cref="ArgumentException">The variable has another size, or the type does not keep the order of its fields, as a tuple.</exception>
    public T Get<T>()
        where T : unmanaged
    {
        ThrowUnlessFits<T>();
        return MemoryMarshal.Read<T>(Content);
    }

    /// <summary>Sets what it is at the load.</summary>
    /// <typeparam name="T">A type of exactly the variable's size.</typeparam>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The variable has another size, or the type has padding or does not keep the order of its fields, as a tuple.</exception>
    public void Set<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>(T value)
        where T : unmanaged
    {
        ThrowUnlessFits<T>();
        if (StructPadding<T>.Text is { } padding)
            throw new ArgumentException($"variable '{Name}': {typeof(T).Name} has {padding}; make it a field of its own");
        SetContent(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    /// <summary>Sets all bytes, for example those of an array.</summary>
    /// <param name="content">As many bytes as the variable has.</param>
    /// <exception cref="ArgumentException">The variable has another size.</exception>
    public void SetContent(ReadOnlySpan<byte> content)
    {
        if (content.Length != Size)
            throw new ArgumentException($"variable '{Name}' has {Size} bytes, not {content.Length}", nameof(content));
        content.CopyTo(_section.Content[Offset..]);
        IsSet = true;
    }

    private void ThrowUnlessFits<T>()
        where T : unmanaged
    {
        if (FieldOrder<T>.Text is { } order)
            throw new ArgumentException($"variable '{Name}': {order}");
        if (Size != Unsafe.SizeOf<T>())
            throw new ArgumentException($"variable '{Name}' has {Size} bytes, {typeof(T).Name} has {Unsafe.SizeOf<T>()}");
    }
}
