namespace Datapath.Policy;

/// <summary>One document of a manifest.</summary>
/// <param name="Text">Its text, from its <c>---</c> if it has one.</param>
/// <param name="FirstLine">The line of the manifest that it starts on, from 1.</param>
/// <param name="LineCount">How many lines it has.</param>
internal readonly record struct ManifestDocument(string Text, int FirstLine, int LineCount);

/// <summary>
/// Splits a manifest into documents by its text alone. A line that starts with <c>---</c> or <c>...</c> and then ends or goes on with white
/// space is a boundary wherever it stands, also inside a string (YAML 1.2, 9.1.2). So what is wrong inside one document cannot reach the
/// next.
/// </summary>
internal static class DocumentSplitter
{
    public static List<ManifestDocument> Split(string text)
    {
        var documents = new List<ManifestDocument>();
        var start = 0;
        var firstLine = 1;
        var line = 1;
        var onlyDirectives = true;
        for (var at = 0; at < text.Length; line++)
        {
            var next = NextLine(text, at);
            var content = text.AsSpan(at, next - at);
            if (IsMarker(content, "---") && !onlyDirectives)
            {
                documents.Add(new(text[start..at], firstLine, line - firstLine));
                (start, firstLine) = (at, line);
            }
            else if (IsMarker(content, "..."))
            {
                documents.Add(new(text[start..next], firstLine, line + 1 - firstLine));
                (start, firstLine, onlyDirectives) = (next, line + 1, true);
                at = next;
                continue;
            }

            // Comments and directives before a marker belong to the document that it begins.
            onlyDirectives = IsMarker(content, "---") ? false : onlyDirectives && content.TrimStart() is [] or ['#' or '%', ..];
            at = next;
        }

        if (start < text.Length)
            documents.Add(new(text[start..], firstLine, line - firstLine));
        return documents;
    }

    private static bool IsMarker(ReadOnlySpan<char> line, string marker) =>
        line.StartsWith(marker, StringComparison.Ordinal) && (line.Length == 3 || char.IsWhiteSpace(line[3]));

    private static int NextLine(string text, int at)
    {
        var end = text.AsSpan(at).IndexOfAny('\r', '\n');
        if (end < 0)
            return text.Length;
        end += at;
        return text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
    }
}
