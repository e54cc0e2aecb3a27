using System.Text;
using System.Text.Json;

namespace Datapath.Policy;

/// <summary>
/// The nodes of a document in the order of the text, a row each and no object: a mapping is followed by its fields, name and value in turn,
/// a list by its items. Texts stay where they are, in UTF-8, until somebody asks for them.
/// </summary>
/// <param name="source">What the texts of rows are parts of.</param>
/// <param name="strings">Where repeated texts become one string.</param>
internal abstract class NodeTable(byte[] source, StringPool strings)
{
    private NodeRow[] _rows = new NodeRow[64];

    public int Count { get; private set; }

    public ref NodeRow this[int row] => ref _rows[row];

    protected byte[] Source { get; set; } = source;

    /// <summary>The line of a row in the document, from 1.</summary>
    public abstract int Line(int row);

    /// <summary>The value of a whole number; <see langword="null"/> for others.</summary>
    public abstract long? Integer(int row);

    public string Text(int row) => _rows[row].HasEscapes ? Unescaped(row) : strings.Get(Utf8(row));

    /// <summary>Whether the text is this one, which is ASCII.</summary>
    public bool TextIs(int row, string text)
    {
        ref var found = ref _rows[row];
        if (found.HasEscapes)
            return Unescaped(row) == text;
        return found.Length == text.Length && Ascii.Equals(Utf8(row), text);
    }

    public bool SameText(int left, int right) =>
        _rows[left].HasEscapes || _rows[right].HasEscapes ? Text(left) == Text(right) : Utf8(left).SequenceEqual(Utf8(right));

    public void Clear() => Count = 0;

    public int Add(NodeRow row)
    {
        if (Count == _rows.Length)
            Array.Resize(ref _rows, 2 * Count);
        _rows[Count] = row;
        return Count++;
    }

    /// <summary>Ends a mapping or list: all rows after it are its own.</summary>
    public void Close(int row) => _rows[row].Size = Count - row;

    protected ReadOnlySpan<byte> Utf8(int row) => Source.AsSpan(_rows[row].Start, _rows[row].Length);

    private string Unescaped(int row)
    {
        var reader = new Utf8JsonReader(Source.AsSpan(_rows[row].Start - 1, _rows[row].Length + 2)); // with its quotes
        _ = reader.Read();
        return reader.GetString()!;
    }
}
