using System.Text;

namespace Datapath.Policy;

/// <summary>Makes the text of a document fit for the scanner.</summary>
internal static class YamlText
{
    /// <summary>The text, with all lines where they were.</summary>
    /// <exception cref="ManifestSyntaxException">The bytes are no text.</exception>
    public static string Of(ReadOnlySpan<byte> document)
    {
        var text = Encoding.UTF8.GetString(document);
        ThrowIfNotText(text);
        return WithoutOldLineBreaks(text);
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
}
