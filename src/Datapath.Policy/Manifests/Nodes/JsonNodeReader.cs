using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Datapath.Policy;

/// <summary>Reads JSON values into nodes, one after the other: several may follow each other in one text.</summary>
internal ref struct JsonNodeReader
{
    private const int LongestReason = 200;

    private readonly ReadOnlySpan<byte> _bytes;
    private Utf8JsonReader _reader;
    private int _line = 1;
    private int _column = 1;
    private int _counted;

    public JsonNodeReader(string text)
    {
        _bytes = Encoding.UTF8.GetBytes(text);
        _reader = new(_bytes, new JsonReaderOptions { MaxDepth = ReadLimits.Depth, AllowMultipleValues = true });
    }

    /// <summary>Reads the next value.</summary>
    /// <returns>The value; <see langword="null"/> at the end of the text.</returns>
    /// <exception cref="ManifestSyntaxException">The text is not JSON from here on.</exception>
    public ManifestNode? Read()
    {
        try
        {
            return _reader.Read() ? ReadValue() : null;
        }
        catch (JsonException e)
        {
            throw new ManifestSyntaxException((int)(e.LineNumber ?? 0) + 1, "is not valid JSON: " + Reason(e));
        }
        catch (InvalidOperationException)
        {
            throw new ManifestSyntaxException(Position().Line, "is not valid JSON: a string has half of a surrogate pair");
        }
    }

    /// <summary>The message without its position, which counts lines from 0.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = end < 0 ? e.Message : e.Message[..end];

        // Some messages quote the rest of the text.
        return reason.AsSpan().ContainsAny('\r', '\n') || reason.Length > LongestReason ? "an invalid literal" : reason;
    }

    private ManifestNode ReadValue()
    {
        var (line, column) = Position();
        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadMapping(line, column),
            JsonTokenType.StartArray => ReadSequence(line, column),
            JsonTokenType.String => new ScalarNode(line, column, ScalarKind.String, _reader.GetString()!),
            JsonTokenType.Number => ReadNumber(line, column),
            JsonTokenType.True => new ScalarNode(line, column, ScalarKind.Boolean, "true") { Boolean = true },
            JsonTokenType.False => new ScalarNode(line, column, ScalarKind.Boolean, "false"),
            _ => new ScalarNode(line, column, ScalarKind.Null, "null"),
        };
    }

    private readonly ScalarNode ReadNumber(int line, int column)
    {
        var text = Encoding.UTF8.GetString(_reader.ValueSpan);
        long? integer = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
        return new(line, column, ScalarKind.Number, text) { Integer = integer };
    }

    private SequenceNode ReadSequence(int line, int column)
    {
        var items = new List<ManifestNode>();
        while (_reader.Read() && _reader.TokenType is not JsonTokenType.EndArray)
            items.Add(ReadValue());
        return new(line, column, items);
    }

    private MappingNode ReadMapping(int line, int column)
    {
        var fields = new List<MappingField>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType is not JsonTokenType.EndObject)
        {
            var name = _reader.GetString()!;
            var nameLine = Position().Line;
            if (!names.Add(name))
                throw new ManifestSyntaxException(nameLine, $"field '{name}' occurs twice in the same object");
            _ = _reader.Read();
            fields.Add(new(name, nameLine, ReadValue()));
        }

        return new(line, column, fields);
    }

    /// <summary>
    /// The line and column, in UTF-16 units, of the present token, counted on from the token before: a text of a megabyte may be one line.
    /// </summary>
    private (int Line, int Column) Position()
    {
        var start = (int)_reader.TokenStartIndex;
        for (; _counted < start; _counted++)
        {
            var value = _bytes[_counted];
            if (value == '\n')
                (_line, _column) = (_line + 1, 1);
            else if ((value & 0xc0) != 0x80) // bytes that go on with a character count nothing; those of four bytes are two units
                _column += value >= 0xf0 ? 2 : 1;
        }

        return (_line, _column);
    }
}
