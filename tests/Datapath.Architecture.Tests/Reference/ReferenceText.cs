using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>Documentation of the sources as Markdown.</summary>
internal sealed partial class ReferenceText(ReferenceLinks links)
{
    /// <summary>The paragraphs of an element, each on a line, and blocks of code.</summary>
    public IEnumerable<string> Paragraphs(XElement element, Type from)
    {
        var text = new List<string> { "" };
        foreach (var node in element.Nodes())
        {
            if (node is XElement { Name.LocalName: "para" } paragraph)
                text.AddRange([Tidy(Line(paragraph.Nodes(), from)), ""]);
            else if (node is XElement { Name.LocalName: "code" } code)
                text.AddRange([Block(code.Value), ""]);
            else
                text[^1] = Tidy(text[^1] + Line([node], from));
        }

        return text.Select(static line => line.Trim()).Where(static line => line.Length > 0);
    }

    private static string Tidy(string line) => Spaces().Replace(line, " ");

    private static string Block(string code)
    {
        string[] lines = [.. code.Trim('\n').TrimEnd().Split('\n')];
        var margin = lines.Where(static line => line.Trim().Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return $"```csharp\n{string.Join('\n', lines.Select(line => line.Length < margin ? "" : line[margin..]))}\n```";
    }

    private string Line(IEnumerable<XNode> nodes, Type from) => string.Concat(nodes.Select(node => node switch
    {
        XText text => Escape(Spaces().Replace(text.Value, " ")),
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "paramref" or "typeparamref" } parameter => $"`{parameter.Attribute("name")!.Value}`",
        XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => $"`{word.Value}`",
        XElement { Name.LocalName: "see" } see when see.Attribute("cref") is { } target => links.To(target.Value, from),
        _ => throw new InvalidDataException($"the reference knows nothing like {node}: say it otherwise, or teach {nameof(ReferenceText)}"),
    }));

    // What Markdown would take for marks of its own.
    private static string Escape(string text) => Marks().Replace(text, static mark => "\\" + mark.Value);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[\\*<>\[\]|]|(?<!\w)_|_(?!\w)")]
    private static partial Regex Marks();
}
