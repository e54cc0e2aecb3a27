namespace Datapath.Policy;

/// <summary>
/// Reads manifests as people write them and as <c>kubectl get -o yaml</c> prints them: YAML with any number of documents, JSON, single
/// objects and lists of them.
/// </summary>
public static class ManifestReader
{
    /// <summary>
    /// Reads all objects of a text. Never throws for what the text contains: every problem is a diagnostic. An invalid object refuses
    /// itself and a malformed document refuses itself; all others are read.
    /// </summary>
    /// <remarks>
    /// A document that starts with <c>{</c> or <c>[</c> is read as JSON and, if it is none, as YAML, unless <paramref name="file"/> ends in
    /// <c>.json</c>. Not supported, and refused: YAML merge keys, nesting deeper than 64, aliases that stand for more than a million nodes.
    /// </remarks>
    /// <param name="text">The text of the manifest.</param>
    /// <param name="file">Its name, for diagnostics.</param>
    public static ManifestContent Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        var diagnostics = new List<Diagnostic>();
        var binder = new ObjectBinder(file, diagnostics);
        var isJson = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        foreach (var document in DocumentSplitter.Split(text))
        {
            try
            {
                Read(document, isJson, binder);
            }
            catch (ManifestSyntaxException e)
            {
                var line = document.FirstLine + Math.Clamp(e.Line, 1, Math.Max(1, document.LineCount)) - 1;
                diagnostics.Add(new() { Severity = DiagnosticSeverity.Error, File = file, Line = line, Reason = e.Message });
            }
        }

        return new([.. binder.Objects], [.. diagnostics]) { Lines = [.. binder.Lines] };
    }

    /// <summary>Reads all objects of a text in UTF-8, as <see cref="Read(string, string)"/> does.</summary>
    /// <param name="text">The text of the manifest.</param>
    /// <param name="file">Its name, for diagnostics.</param>
    public static ManifestContent Read(ReadOnlySpan<byte> text, string file) => Read(System.Text.Encoding.UTF8.GetString(text), file);

    private static void Read(ManifestDocument document, bool isJson, ObjectBinder binder)
    {
        var offset = document.FirstLine - 1;
        var content = Content(document.Text);
        if (isJson || content is ['{' or '[', ..])
        {
            if (TryReadJson(document, content.Length, offset, isJson, binder))
                return;
        }

        if (YamlNodeReader.Read(document.Text) is { } root)
            binder.Bind(root, offset);
    }

    /// <returns>Whether the document is done with: it is JSON, or it is meant to be JSON and is not valid.</returns>
    private static bool TryReadJson(ManifestDocument document, int contentLength, int offset, bool isJson, ObjectBinder binder)
    {
        // The reader gets the text with the marker's characters blanked out, so that lines and columns stay right.
        var reader = new JsonNodeReader(Blank(document.Text, document.Text.Length - contentLength));
        var isFirst = true;
        try
        {
            while (reader.Read() is { } value)
            {
                isFirst = false;
                if (value is SequenceNode list)
                    BindAll(list, offset, binder);
                else
                    binder.Bind(value, offset);
            }

            return true;
        }
        catch (ManifestSyntaxException) when (isFirst && !isJson && !LooksLikeJson(document.Text.AsSpan(document.Text.Length - contentLength)))
        {
            return false;
        }
    }

    /// <summary>A JSON file may hold a bare array of objects.</summary>
    private static void BindAll(SequenceNode list, int offset, ObjectBinder binder)
    {
        foreach (var item in list.Items)
            binder.Bind(item, offset);
    }

    /// <summary>Flow-style YAML, the other thing that starts with a brace, seldom has quotes around its field names.</summary>
    private static bool LooksLikeJson(ReadOnlySpan<char> content) => content.TrimStart("{[ \t\r\n") is ['"', ..];

    /// <summary>The text without the marker and white space at its start.</summary>
    private static ReadOnlySpan<char> Content(string text)
    {
        var content = text.AsSpan();
        if (content.StartsWith("---", StringComparison.Ordinal))
            content = content[3..];
        return content.TrimStart();
    }

    private static string Blank(string text, int count) =>
        string.Create(text.Length, (text, count), static (span, state) =>
        {
            state.text.CopyTo(span);
            foreach (ref var c in span[..state.count])
                c = c is '\n' or '\r' ? c : ' ';
        });
}
