using System.Text;

namespace Datapath.Policy;

/// <summary>One document of a manifest.</summary>
/// <param name="Text">Its text, from its <c>---</c> if it has one, in UTF-8.</param>
/// <param name="FirstLine">The line of the manifest that it starts on, from 1.</param>
/// <param name="LineCount">How many lines it has.</param>
internal readonly record struct ManifestDocument(ArraySegment<byte> Text, int FirstLine, int LineCount);

/// <summary>
/// Splits a manifest into documents by its text alone. A line that starts with <c>---</c> or <c>...</c> and then ends or goes on with white
/// space is a boundary wherever it stands, also inside a string (YAML 1.2, 9.1.2). So what is wrong inside one document cannot reach the
/// next.
/// </summary>
internal static class DocumentSplitter
{
    public static List<ManifestDocument> Split(ArraySegment<byte> text)
    {
        var documents = new List<ManifestDocument>();
        var start = 0;
        var firstLine = 1;
        var line = 1;
        var onlyDirectives = true;
        for (var at = 0; at < text.Count; line++)
        {
            var next = NextLine(text, at);
            var content = text.AsSpan(at, next - at);
            var isStart = IsMarker(content, "---"u8);
            if (isStart && !onlyDirectives)
            {
                documents.Add(new(text[start..at], firstLine, line - firstLine));
                (start, firstLine) = (at, line);
            }
            else if (IsMarker(content, "..."u8))
            {
                documents.Add(new(text[start..next], firstLine, line + 1 - firstLine));
                (start, firstLine, onlyDirectives) = (next, line + 1, true);
                at = next;
                continue;
            }

            // Comments and directives before a marker belong to the document that it begins.
            onlyDirectives = !isStart && onlyDirectives && TrimStart(content) is [] or [(byte)'#' or (byte)'%', ..];
            at = next;
        }

        if (start < text.Count)
            documents.Add(new(text[start..], firstLine, line - firstLine));
        return documents;
    }

    /// <summary>The text without the white space at its start.</summary>
    public static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        while (StartsWithSpace(text, out var length))
            text = text[length..];
        return text;
    }

    private static bool IsMarker(ReadOnlySpan<byte> line, ReadOnlySpan<byte> marker) =>
        line.StartsWith(marker) && (line.Length == marker.Length || StartsWithSpace(line[marker.Length..], out _));

    private static bool StartsWithSpace(ReadOnlySpan<byte> text, out int length)
    {
        _ = Rune.DecodeFromUtf8(text, out var first, out length);
        return Rune.IsWhiteSpace(first);
    }

    private static int NextLine(ArraySegment<byte> text, int at)
    {
        var end = text.AsSpan(at).IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0)
            return text.Count;
        end += at;
        return text[end] == '\r' && end + 1 < text.Count && text[end + 1] == '\n' ? end + 2 : end + 1;
    }
}
