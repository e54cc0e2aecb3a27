using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>A global variable of a loaded object as a C# type. Usable until the object is disposed.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <remarks>Minimum kernel: 5.5, as <see cref="BpfVariable"/>.</remarks>
public sealed class BpfVariable<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>
    where T : unmanaged
{
    private readonly BpfVariable _variable;
    private readonly SectionMemory _memory;

    internal BpfVariable(BpfVariable variable, SectionMemory memory)
    {
        MapLayoutException.ThrowUnless(
            variable.Size == Unsafe.SizeOf<T>(), memory.Map, $"variable '{variable.Name}' has {variable.Size} bytes, {typeof(T).Name} has {Unsafe.SizeOf<T>()}");
        MapLayoutException.ThrowUnless(FieldOrder<T>.Text is null, memory.Map, $"variable '{variable.Name}': {FieldOrder<T>.Text}");
        var difference = variable.Layout is { } layout ? LayoutComparison.Find(layout, typeof(T)) : null;
        MapLayoutException.ThrowUnless(difference is null, memory.Map, $"variable '{variable.Name}': {difference}");
        (_variable, _memory) = (variable, memory);
    }

    /// <summary>
    /// What the variable is now. Of 1, 2, 4 or 8 bytes it is read and written at once, so that neither side sees half a value; of other sizes, or
    /// where the variable is not aligned to its size, it may be half of one write and half of another.
    /// </summary>
    /// <exception cref="InvalidOperationException">Written, though it is a constant.</exception>
    /// <exception cref="MapLayoutException">
    /// Written, though the type has padding: the program would get what happens to stand there in this process.
    /// </exception>
    /// <exception cref="FeatureNotSupportedException">The kernel cannot share variables.</exception>
    /// <exception cref="BpfException">The kernel refused to share them.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed.</exception>
    public T Value
    {
        get => _memory.Read<T>(_variable.Offset);
        set
        {
            _variable.ThrowIfReadOnly();
            if (StructPadding<T>.Text is not null)
                MapLayoutException.ThrowIfPadded<T>(_memory.Map, $"variable '{_variable.Name}'");
            _memory.Write(_variable.Offset, value);
        }
    }
}
