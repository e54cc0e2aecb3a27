namespace Datapath.Linux.Bpf;

/// <summary>A part of a type, in C or in C#: a field, an element, or the whole.</summary>
/// <param name="Path">How to come to it, for example <c>points[0].x</c>.</param>
/// <param name="Start">Bytes before it.</param>
/// <param name="Size">Its bytes.</param>
internal abstract record LayoutPart(string Path, int Start, int Size)
{
    /// <summary>An array of more structs is not looked through.</summary>
    protected const int MaxElements = 1024;

    public int End => Start + Size;

    /// <summary>
    /// Whether anything may stand in it: elements of an array of numbers, a union, bits. What has neither this nor <see cref="Parts"/> is one number.
    /// </summary>
    public abstract bool IsOpen { get; }

    /// <summary>Its parts in the order of their places; none if it is not looked through.</summary>
    public abstract IReadOnlyList<LayoutPart> Parts { get; }
}
