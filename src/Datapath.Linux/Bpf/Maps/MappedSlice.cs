using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A range of a <see cref="BpfMappedArray{TValue}"/>, in place. It keeps the memory mapped until it is disposed, whoever disposes the array
/// meanwhile; the compiler lets no span of it leave the block that it is declared in.
/// </summary>
/// <typeparam name="TValue">The value.</typeparam>
/// <remarks>
/// One that is never disposed keeps the array mapped until the process ends. Dispose it once, not a copy of it too. Minimum kernel: 5.5.
/// </remarks>
public ref struct MappedSlice<TValue> : IDisposable
    where TValue : unmanaged
{
    private MappedPages? _pages;
    private Span<TValue> _elements;

    internal unsafe MappedSlice(MappedPages pages, int first, int count)
    {
        var isHeld = false;
        pages.DangerousAddRef(ref isHeld);
        _pages = pages;
        _elements = new((TValue*)pages.DangerousGetHandle() + first, count);
    }

    /// <summary>How many elements.</summary>
    public readonly int Length => _elements.Length;

    /// <summary>The elements.</summary>
    [UnscopedRef]
    public readonly Span<TValue> Span => _elements;

    /// <summary>An element.</summary>
    /// <param name="index">Its index in this range.</param>
    /// <exception cref="IndexOutOfRangeException">It lies outside.</exception>
    [UnscopedRef]
    public readonly ref TValue this[int index] => ref _elements[index];

    /// <summary>Goes through the elements, in place.</summary>
    [UnscopedRef]
    public readonly Span<TValue>.Enumerator GetEnumerator() => _elements.GetEnumerator();

    /// <summary>Ends the use of the range: if the array was disposed and this was the last, the memory is unmapped.</summary>
    public void Dispose()
    {
        var pages = _pages;
        _pages = null;
        _elements = default;
        pages?.DangerousRelease();
    }
}
