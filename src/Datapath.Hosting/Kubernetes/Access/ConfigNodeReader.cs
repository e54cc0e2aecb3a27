using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Datapath.Hosting;

/// <summary>Reads a YAML document, or JSON, into nodes.</summary>
internal static class ConfigNodeReader
{
    private const int Deepest = 32;

    /// <exception cref="YamlException">It is malformed, or uses aliases.</exception>
    public static ConfigNode Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        _ = parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
            return new(1);
        return ReadNode(parser, 0);
    }

    private static ConfigNode ReadNode(Parser parser, int depth)
    {
        var start = parser.Current!.Start;
        if (depth > Deepest)
            throw new YamlException(start, start, $"is nested deeper than {Deepest}");
        if (parser.TryConsume<Scalar>(out var scalar))
            return new(start.Line) { Text = IsNull(scalar) ? null : scalar.Value };
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<ConfigNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(ReadNode(parser, depth + 1));
            return new(start.Line) { Items = items };
        }

        if (!parser.TryConsume<MappingStart>(out _))
            throw new YamlException(start, start, "must not be an alias");
        var fields = new Dictionary<string, ConfigNode>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            if (!fields.TryAdd(key.Value, ReadNode(parser, depth + 1)))
                throw new YamlException(key.Start, key.End, $"the field '{key.Value}' is there twice");
        }

        return new(start.Line) { Fields = fields };
    }

    private static bool IsNull(Scalar scalar) => scalar.Style is ScalarStyle.Plain && scalar.Value is "" or "~" or "null";
}
