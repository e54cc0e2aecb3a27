using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Compares where the fields of a C type and of a C# type stand. Names do not count, and what one side has where the other has nothing does no
/// harm: explicit padding in C#, a field that C# passes over. Fields that meet must have the same place and size, unless one of them is
/// an array of numbers or a union, in which anything may stand.
/// </summary>
internal static class LayoutComparison
{
    /// <summary>No type that somebody wrote needs so many; one that holds itself would never end.</summary>
    private const int MaxSteps = 100_000;

    /// <summary>The first two fields that meet and differ.</summary>
    /// <param name="c">The whole of the C type.</param>
    /// <param name="type">The C# type, of the same size.</param>
    /// <returns>For example <c>'points[0].x' is at 0 with 4 bytes, field 'First' of Pair at 0 with 8</c>; <see langword="null"/> if there are none.</returns>
    public static string? Find(CPart c, [DynamicallyAccessedMembers(StructFields.Kept)] Type type) => Find(c, new NetPart(type, "", 0, c.Size)) is var (l, r)
        ? $"'{l.Path}' is at {l.Start} with {l.Size} bytes, field '{r.Path}' of {type.Name} at {r.Start} with {r.Size}"
        : null;

    private static (LayoutPart C, LayoutPart Net)? Find(LayoutPart c, LayoutPart net)
    {
        var (left, right) = (new Stack<LayoutPart>([c]), new Stack<LayoutPart>([net]));
        for (var steps = 0; steps < MaxSteps && left.TryPeek(out var l) && right.TryPeek(out var r); steps++)
        {
            if (l.End <= r.Start)
            {
                left.Pop();
            }
            else if (r.End <= l.Start)
            {
                right.Pop();
            }
            else if ((l.Start, l.Size) == (r.Start, r.Size))
            {
                left.Pop();
                right.Pop();
                if (l.Parts is { Count: > 0 } leftParts && r.Parts is { Count: > 0 } rightParts)
                {
                    Push(left, leftParts);
                    Push(right, rightParts);
                }
            }
            else if (l.IsOpen && Holds(l, r))
            {
                right.Pop();
            }
            else if (r.IsOpen && Holds(r, l))
            {
                left.Pop();
            }
            else if (!TryOpen(left, r.Size) && !TryOpen(right, l.Size))
            {
                return (l, r);
            }
        }

        return null;
    }

    // Puts its parts in place of a part, unless it is smaller than the one that it meets.
    private static bool TryOpen(Stack<LayoutPart> parts, int size)
    {
        if (parts.Peek() is not { Parts: { Count: > 0 } inner } part || part.Size < size)
            return false;
        parts.Pop();
        Push(parts, inner);
        return true;
    }

    private static bool Holds(LayoutPart part, LayoutPart other) => part.Start <= other.Start && other.End <= part.End;

    private static void Push(Stack<LayoutPart> parts, IReadOnlyList<LayoutPart> inner)
    {
        for (var i = inner.Count - 1; i >= 0; i--)
            parts.Push(inner[i]);
    }
}
