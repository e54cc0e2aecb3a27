using System.Text;

namespace Datapath.Policy;

/// <summary>Nodes of a YAML document. The parser makes strings; they are put one after the other, and the lines kept beside.</summary>
internal sealed class YamlNodeTable(StringPool strings) : NodeTable(new byte[256], strings)
{
    private readonly List<int> _lines = [];
    private int _length;

    public override int Line(int row) => _lines[row];

    public override long? Integer(int row) => this[row].Kind is NodeKind.Number ? YamlScalar.Integer(Text(row)) : null;

    /// <summary>Adds a value, or the name of a field.</summary>
    /// <returns>Its row.</returns>
    public int Add(NodeKind kind, int line, string text = "")
    {
        var most = _length + Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most > Source.Length)
        {
            var source = Source;
            Array.Resize(ref source, Math.Max(most, 2 * _length));
            Source = source;
        }

        var length = Encoding.UTF8.GetBytes(text, Source.AsSpan(_length));
        var row = Add(new NodeRow(kind, _length, length));
        _length += length;
        _lines.Add(line);
        return row;
    }

    /// <summary>Sets the line of a row that is not where its text is.</summary>
    public void SetLine(int row, int line) => _lines[row] = line;

    /// <summary>Adds a node again, with all that it holds.</summary>
    public void AddCopy(int row)
    {
        var end = row + this[row].Size;
        for (; row < end; row++)
        {
            _ = Add(this[row]);
            _lines.Add(_lines[row]);
        }
    }
}
