namespace Datapath.Policy;

/// <summary>
/// Finds tabs in indentation. YAML forbids them because nobody knows how wide they are; the scanner counts them as one column, so that a
/// document could mean something else than it does in Kubernetes.
/// </summary>
internal sealed class YamlIndentation
{
    private readonly SortedSet<int> _linesWithTab = [];

    public YamlIndentation(string text)
    {
        if (!text.Contains('\t'))
            return;
        var line = 1;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            var indentation = content.IndexOfAnyExcept(' ', '\t');
            if (indentation > 0 && content[..indentation].Contains('\t'))
                _linesWithTab.Add(line);
            line++;
        }
    }

    /// <summary>The first line in the range that is indented with a tab; 0 if there is none.</summary>
    public int FindTab(int firstLine, int lastLine) =>
        _linesWithTab.Count == 0 || firstLine > lastLine ? 0 : _linesWithTab.GetViewBetween(firstLine, lastLine).Min;

    public static ManifestSyntaxException Error(int line) => new(line, "is not valid YAML: it is indented with a tab, use spaces");

    /// <summary>To be called for the lines on which the fields of block mappings start: elsewhere tabs are harmless.</summary>
    /// <exception cref="ManifestSyntaxException">The line is indented with a tab.</exception>
    public void ThrowIfTab(int line)
    {
        if (_linesWithTab.Contains(line))
            throw Error(line);
    }
}
