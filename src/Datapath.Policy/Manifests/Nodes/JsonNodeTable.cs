using System.Buffers.Text;

namespace Datapath.Policy;

/// <summary>Nodes whose texts are parts of a JSON document.</summary>
/// <param name="document">The document, in the bytes that hold it.</param>
/// <param name="strings">Where repeated texts become one string.</param>
internal sealed class JsonNodeTable(ArraySegment<byte> document, StringPool strings) : NodeTable(document.Array!, strings)
{
    private int _at = document.Offset;
    private int _line = 1;

    public override int Line(int row) => LineAt(this[row].Start);

    /// <summary>The line of a place, counted on or back from where it was asked for last: a text may have millions of lines.</summary>
    public int LineAt(int place)
    {
        _line += place >= _at ? Source.AsSpan(_at..place).Count((byte)'\n') : -Source.AsSpan(place.._at).Count((byte)'\n');
        _at = place;
        return _line;
    }

    public override long? Integer(int row) =>
        this[row].Kind is NodeKind.Number && Utf8Parser.TryParse(Utf8(row), out long value, out var length) && length == this[row].Length ? value : null;
}
