using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A global variable of a loaded object, shared with its programs: reading and writing is an access of memory, without a system call.
/// Usable until the object is disposed. Minimum kernel: 5.5.
/// </summary>
public sealed class BpfVariable
{
    private readonly VariablePlace _place;
    private readonly SectionMemory _memory;

    internal BpfVariable(VariableSpec spec, SectionMemory memory) => (_place, Section, IsReadOnly, _memory) = (spec.Place, spec.Section, spec.IsReadOnly, memory);

    /// <summary>Its name.</summary>
    public string Name => _place.Name;

    /// <summary>Its section, for example <c>.bss</c>.</summary>
    public string Section { get; }

    /// <summary>Bytes from the start of its section.</summary>
    public int Offset => _place.Offset;

    /// <summary>Its bytes.</summary>
    public int Size => _place.Size;

    /// <summary>Its type as C writes it, for example <c>unsigned int[4]</c>; empty if the object does not tell.</summary>
    public string TypeName => _place.TypeName;

    /// <summary>Whether it is a constant: it can be read, and was set before the load.</summary>
    public bool IsReadOnly { get; }

    /// <summary>
    /// The variable as a C# type. Where the object tells the type of a struct, fields that meet must have the same place and size; names do not count.
    /// </summary>
    /// <typeparam name="T">A type of exactly the variable's size.</typeparam>
    /// <exception cref="MapLayoutException">The type has another size, or a field stands elsewhere; the message names the first.</exception>
    public BpfVariable<T> As<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>()
        where T : unmanaged => new(this, _memory);

    /// <summary>Copies the variable out. A program may write to it at the same time.</summary>
    /// <param name="destination">As many bytes as the variable has.</param>
    /// <exception cref="ArgumentException">The variable has another size.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel cannot share variables.</exception>
    /// <exception cref="BpfException">The kernel refused to share them.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public void Read(Span<byte> destination)
    {
        ThrowIfSizeDiffers(destination.Length);
        _memory.Read(Offset, destination);
    }

    /// <summary>Replaces the variable. A program may see a part of it.</summary>
    /// <param name="source">As many bytes as the variable has.</param>
    /// <exception cref="InvalidOperationException">It is a constant.</exception>
    /// <inheritdoc cref="Read"/>
    public void Write(ReadOnlySpan<byte> source)
    {
        ThrowIfSizeDiffers(source.Length);
        ThrowIfReadOnly();
        _memory.Write(Offset, source);
    }

    internal CPart? Layout => _place.Layout;

    internal void ThrowIfReadOnly()
    {
        if (IsReadOnly)
            throw new InvalidOperationException($"variable '{Name}' is a constant; set it before the load, in {nameof(BpfObjectSpec)}.{nameof(BpfObjectSpec.Variables)}");
    }

    private void ThrowIfSizeDiffers(int size)
    {
        if (size != Size)
            throw new ArgumentException($"variable '{Name}' has {Size} bytes, not {size}");
    }
}
