using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Datapath.Policy;

/// <summary>Reads one YAML document into a table. Uses the event parser alone: a serializer needs reflection.</summary>
internal sealed class YamlNodeReader
{
    private readonly Parser _parser;
    private readonly YamlIndentation _indentation;
    private readonly Dictionary<string, int> _anchors = new(StringComparer.Ordinal);
    private readonly YamlNodeTable _table;

    private YamlNodeReader(string text, StringPool strings)
    {
        _parser = new(new Scanner(new StringReader(text), skipComments: true));
        _indentation = new(text);
        _table = new(strings);
    }

    /// <summary>Reads a document.</summary>
    /// <param name="document">One document, with or without its <c>---</c>, in UTF-8.</param>
    /// <param name="strings">Where repeated texts become one string.</param>
    /// <returns>The root; none if the document is empty.</returns>
    /// <exception cref="ManifestSyntaxException">The text is not one valid YAML document.</exception>
    public static ManifestNode Read(ReadOnlySpan<byte> document, StringPool strings)
    {
        var reader = new YamlNodeReader(YamlText.Of(document), strings);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            // Of a mapping with a tab it only says where the mapping starts.
            var isAboutTab = e.Message.Contains("tab as indentation", StringComparison.Ordinal);
            var tab = reader._indentation.FindTab((int)e.Start.Line, isAboutTab ? int.MaxValue : (int)e.End.Line + 1);
            throw tab > 0
                ? YamlIndentation.Error(tab)
                : new ManifestSyntaxException((int)e.Start.Line, "is not valid YAML: " + e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // The scanner answers some truncated documents with these instead of its own exception.
            throw new ManifestSyntaxException((int?)reader._parser.Current?.Start.Line ?? 1, "is not valid YAML after this line");
        }
    }

    private ManifestNode ReadDocument()
    {
        _ = Next<StreamStart>();
        while (true)
        {
            switch (Next<ParsingEvent>())
            {
                case StreamEnd:
                    return _table.Count == 0 ? default : new(_table, 0);
                case DocumentStart when _table.Count == 0:
                    ReadNode(Next<ParsingEvent>(), depth: 0);
                    _ = Next<DocumentEnd>();
                    break;
                case var e:
                    throw new ManifestSyntaxException((int)e.Start.Line, "is not valid YAML: the document goes on after its end");
            }
        }
    }

    private void ReadNode(ParsingEvent e, int depth)
    {
        if (depth > ReadLimits.Depth)
            throw new ManifestSyntaxException((int)e.Start.Line, $"is nested deeper than {ReadLimits.Depth} levels");
        var row = _table.Count;
        switch (e)
        {
            case AnchorAlias alias:
                AddCopy(alias);
                return;
            case Scalar scalar:
                _ = _table.Add(YamlScalar.KindOf(scalar), (int)scalar.Start.Line, scalar.Value);
                break;
            case SequenceStart start:
                ReadSequence(start, depth);
                break;
            case MappingStart start:
                ReadMapping(start, depth);
                break;
            default:
                throw new ManifestSyntaxException((int)e.Start.Line, "is not valid YAML: a value is missing");
        }

        if (e is NodeEvent { Anchor.IsEmpty: false } anchored)
            _anchors[anchored.Anchor.Value] = row;
    }

    /// <summary>An alias is read as if the node stood there again: a small text may stand for a vast tree.</summary>
    private void AddCopy(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var row))
            throw new ManifestSyntaxException((int)alias.Start.Line, $"alias '*{alias.Value.Value}' has no anchor before it");
        if (_table.Count + _table[row].Size > ReadLimits.ExpandedNodes)
            throw new ManifestSyntaxException((int)alias.Start.Line, $"has aliases that stand for more than {ReadLimits.ExpandedNodes} nodes");
        _table.AddCopy(row);
    }

    private void ReadSequence(SequenceStart start, int depth)
    {
        ThrowIfTagged(start, "seq");
        var row = _table.Add(NodeKind.List, (int)start.Start.Line);
        while (Next<ParsingEvent>() is var e and not SequenceEnd)
            ReadNode(e, depth + 1);
        _table.Close(row);
    }

    private void ReadMapping(MappingStart start, int depth)
    {
        ThrowIfTagged(start, "map");
        var row = _table.Add(NodeKind.Mapping, (int)start.Start.Line);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (Next<ParsingEvent>() is var e and not MappingEnd)
        {
            var line = (int)e.Start.Line;
            if (start.Style is not MappingStyle.Flow)
                _indentation.ThrowIfTab(line);
            var name = new ManifestNode(_table, _table.Count);
            ReadNode(e, depth + 1);
            if (!name.IsScalar)
                throw new ManifestSyntaxException(line, "is not valid in a manifest: a field's name must be a scalar");
            if (e is Scalar { Style: ScalarStyle.Plain, Value: "<<" })
                throw new ManifestSyntaxException(line, "merge keys ('<<') are not supported: write the fields out");
            if (!names.Add(name.Text))
                throw new ManifestSyntaxException(line, $"field '{name.Text}' occurs twice in the same mapping");
            _table.SetLine(name.Row, line);
            ReadNode(Next<ParsingEvent>(), depth + 1);
        }

        _table.Close(row);
    }

    private static void ThrowIfTagged(NodeEvent e, string expected)
    {
        if (!e.Tag.IsEmpty && !e.Tag.IsNonSpecific && e.Tag.Value != "tag:yaml.org,2002:" + expected)
            throw new ManifestSyntaxException((int)e.Start.Line, $"tag '{e.Tag.Value}' is not supported");
    }

    private T Next<T>() where T : ParsingEvent
    {
        if (!_parser.MoveNext() || _parser.Current is not T current)
            throw new ManifestSyntaxException((int?)_parser.Current?.Start.Line ?? 1, "is not valid YAML: it ends too early");
        return current;
    }
}
