using System.Text.Json;

namespace Datapath.Policy;

/// <summary>Reads JSON values into a table, one after the other: several may follow each other in one text.</summary>
internal ref struct JsonNodeReader
{
    private const int LongestReason = 200;

    private readonly JsonNodeTable _table;
    private readonly JsonNames _names;
    private readonly int _start;
    private Utf8JsonReader _reader;

    /// <param name="document">The document, valid UTF-8.</param>
    /// <param name="start">Where the JSON starts in it.</param>
    /// <param name="strings">Where repeated texts become one string.</param>
    public JsonNodeReader(ArraySegment<byte> document, int start, StringPool strings)
    {
        _start = document.Offset + start;
        _table = new(document, strings);
        _names = new(_table);
        _reader = new(document.AsSpan(start), new JsonReaderOptions { MaxDepth = ReadLimits.Depth, AllowMultipleValues = true });
    }

    /// <summary>Reads the next value. The one before is gone.</summary>
    /// <returns>The value; none at the end of the text.</returns>
    /// <exception cref="ManifestSyntaxException">The text is not JSON from here on.</exception>
    public ManifestNode Read()
    {
        try
        {
            if (!_reader.Read())
                return default;
            _table.Clear();
            _names.Clear();
            ReadValue();
            return new(_table, 0);
        }
        catch (JsonException e)
        {
            throw new ManifestSyntaxException((int)(e.LineNumber ?? 0) + _table.LineAt(_start), "is not valid JSON: " + Reason(e));
        }
        catch (InvalidOperationException)
        {
            throw new ManifestSyntaxException(
                _table.LineAt(_start + (int)_reader.TokenStartIndex), "is not valid JSON: a string has half of a surrogate pair");
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

    private void ReadValue()
    {
        var open = -1;
        do
        {
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    open = Open(NodeKind.Mapping, open);
                    break;
                case JsonTokenType.StartArray:
                    open = Open(NodeKind.List, open);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    var around = _table[open].Size;
                    _table.Close(open);
                    open = around;
                    break;
                case JsonTokenType.PropertyName:
                    _names.Check(open, AddText());
                    break;
                case JsonTokenType.String:
                    _ = AddText();
                    break;
                default:
                    Add(_reader.TokenType);
                    break;
            }
        }
        while (open >= 0 && _reader.Read());
    }

    /// <summary>Starts a mapping or list. Until it ends its size is not known, and its place is that of the row around it.</summary>
    private readonly int Open(NodeKind kind, int around) =>
        _table.Add(new(kind, _start + (int)_reader.TokenStartIndex, 0) { Size = around });

    private readonly int AddText()
    {
        if (_reader.ValueIsEscaped)
            _ = _reader.GetString(); // fails unless it is text
        return _table.Add(new(NodeKind.String, _start + (int)_reader.TokenStartIndex + 1, _reader.ValueSpan.Length) { HasEscapes = _reader.ValueIsEscaped });
    }

    private readonly void Add(JsonTokenType type)
    {
        var kind = type switch
        {
            JsonTokenType.Number => NodeKind.Number,
            JsonTokenType.True => NodeKind.True,
            JsonTokenType.False => NodeKind.False,
            _ => NodeKind.Null,
        };
        _ = _table.Add(new(kind, _start + (int)_reader.TokenStartIndex, _reader.ValueSpan.Length));
    }
}
