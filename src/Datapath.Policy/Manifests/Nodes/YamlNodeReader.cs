using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Datapath.Policy;

/// <summary>Reads one YAML document into nodes. Uses the event parser alone: a serializer needs reflection.</summary>
internal sealed class YamlNodeReader
{
    private readonly Parser _parser;
    private readonly YamlIndentation _indentation;
    private readonly Dictionary<string, ManifestNode> _anchors = new(StringComparer.Ordinal);

    private YamlNodeReader(string text) =>
        (_parser, _indentation) = (new(new Scanner(new StringReader(text), skipComments: true)), new(text));

    /// <summary>Reads a document.</summary>
    /// <param name="text">One document, with or without its <c>---</c>.</param>
    /// <returns>The root; <see langword="null"/> if the document is empty.</returns>
    /// <exception cref="ManifestSyntaxException">The text is not one valid YAML document.</exception>
    public static ManifestNode? Read(string text)
    {
        ThrowIfNotText(text);
        var reader = new YamlNodeReader(WithoutOldLineBreaks(text));
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            var tab = reader._indentation.FindTab((int)e.Start.Line, (int)e.End.Line + 1);
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

    /// <summary>The scanner takes NUL for the end of the text and would drop the rest in silence.</summary>
    private static void ThrowIfNotText(string text)
    {
        var line = 1;
        foreach (var c in text)
        {
            if (c == '\n')
                line++;
            else if (c < ' ' && c is not ('\t' or '\r'))
                throw new ManifestSyntaxException(line, $"is not valid YAML: character U+{(int)c:X4} is not allowed");
        }
    }

    /// <summary>
    /// YAML 1.1 has three more line breaks. They are ordinary characters in YAML 1.2 and in editors, whose line numbers ours shall match.
    /// </summary>
    private static string WithoutOldLineBreaks(string text) =>
        text.AsSpan().ContainsAny('\u0085', '\u2028', '\u2029')
            ? text.Replace('\u0085', ' ').Replace('\u2028', ' ').Replace('\u2029', ' ')
            : text;

    private ManifestNode? ReadDocument()
    {
        _ = Next<StreamStart>();
        ManifestNode? root = null;
        while (true)
        {
            switch (Next<ParsingEvent>())
            {
                case StreamEnd:
                    return root;
                case DocumentStart when root is null:
                    root = ReadNode(Next<ParsingEvent>(), depth: 0);
                    _ = Next<DocumentEnd>();
                    break;
                case var e:
                    throw new ManifestSyntaxException((int)e.Start.Line, "is not valid YAML: the document goes on after its end");
            }
        }
    }

    private ManifestNode ReadNode(ParsingEvent e, int depth)
    {
        if (depth > ReadLimits.Depth)
            throw new ManifestSyntaxException((int)e.Start.Line, $"is nested deeper than {ReadLimits.Depth} levels");
        if (e is AnchorAlias alias)
            return Resolve(alias);
        ManifestNode node = e switch
        {
            Scalar scalar => YamlScalar.Read(scalar),
            SequenceStart start => ReadSequence(start, depth),
            MappingStart start => ReadMapping(start, depth),
            _ => throw new ManifestSyntaxException((int)e.Start.Line, "is not valid YAML: a value is missing"),
        };
        if (e is NodeEvent { Anchor.IsEmpty: false } anchored)
            _anchors[anchored.Anchor.Value] = node;
        return node;
    }

    private ManifestNode Resolve(AnchorAlias alias) =>
        _anchors.TryGetValue(alias.Value.Value, out var node)
            ? node
            : throw new ManifestSyntaxException((int)alias.Start.Line, $"alias '*{alias.Value.Value}' has no anchor before it");

    private SequenceNode ReadSequence(SequenceStart start, int depth)
    {
        ThrowIfTagged(start, "seq");
        var items = new List<ManifestNode>();
        while (true)
        {
            var e = Next<ParsingEvent>();
            if (e is SequenceEnd)
                return Bounded(new SequenceNode((int)start.Start.Line, (int)start.Start.Column, items));
            items.Add(ReadNode(e, depth + 1));
        }
    }

    private MappingNode ReadMapping(MappingStart start, int depth)
    {
        ThrowIfTagged(start, "map");
        var fields = new List<MappingField>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var e = Next<ParsingEvent>();
            if (e is MappingEnd)
                return Bounded(new MappingNode((int)start.Start.Line, (int)start.Start.Column, fields));
            var line = (int)e.Start.Line;
            if (start.Style is not MappingStyle.Flow)
                _indentation.ThrowIfTab(line);
            if (ReadNode(e, depth + 1) is not ScalarNode name)
                throw new ManifestSyntaxException(line, "is not valid in a manifest: a field's name must be a scalar");
            if (name.Text == "<<" && e is Scalar { Style: ScalarStyle.Plain })
                throw new ManifestSyntaxException(line, "merge keys ('<<') are not supported: write the fields out");
            if (!names.Add(name.Text))
                throw new ManifestSyntaxException(line, $"field '{name.Text}' occurs twice in the same mapping");
            fields.Add(new(name.Text, line, ReadNode(Next<ParsingEvent>(), depth + 1)));
        }
    }

    private T Bounded<T>(T node) where T : ManifestNode =>
        _anchors.Count == 0 || node.Weight <= ReadLimits.ExpandedNodes
            ? node
            : throw new ManifestSyntaxException(node.Line, $"has aliases that stand for more than {ReadLimits.ExpandedNodes} nodes");

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
