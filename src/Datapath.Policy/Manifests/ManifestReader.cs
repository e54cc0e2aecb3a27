using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

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
        return Read(Encoding.UTF8.GetBytes(text), file);
    }

    /// <summary>
    /// Reads all objects of a text in UTF-8, as <see cref="Read(string, string)"/> does. A document with bytes that are something else refuses
    /// itself.
    /// </summary>
    /// <param name="text">The text of the manifest.</param>
    /// <param name="file">Its name, for diagnostics.</param>
    public static ManifestContent Read(ReadOnlyMemory<byte> text, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var diagnostics = new List<Diagnostic>();
        var binder = new ObjectBinder(file, diagnostics);
        var strings = new StringPool(text.Length);
        var isJson = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        foreach (var document in DocumentSplitter.Split(Bytes(text)))
        {
            try
            {
                Read(document, isJson, binder, strings);
            }
            catch (ManifestSyntaxException e)
            {
                var line = document.FirstLine + Math.Clamp(e.Line, 1, Math.Max(1, document.LineCount)) - 1;
                diagnostics.Add(new() { Severity = DiagnosticSeverity.Error, File = file, Line = line, Reason = e.Message });
            }
        }

        return new([.. binder.Objects], [.. diagnostics]) { Refused = [.. binder.Refused], Lines = [.. binder.Lines] };
    }

    private static ArraySegment<byte> Bytes(ReadOnlyMemory<byte> text)
    {
        if (text.Span.StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        return MemoryMarshal.TryGetArray(text, out var bytes) ? bytes : text.ToArray();
    }

    private static void Read(ManifestDocument document, bool isJson, ObjectBinder binder, StringPool strings)
    {
        ThrowIfNotUtf8(document.Text);
        var offset = document.FirstLine - 1;
        var content = Content(document.Text);
        if (isJson || content is [(byte)'{' or (byte)'[', ..])
        {
            var reader = new JsonNodeReader(document.Text, document.Text.Count - content.Length, strings);
            if (TryReadJson(ref reader, offset, mayBeYaml: !isJson && !LooksLikeJson(content), binder))
                return;
        }

        if (YamlNodeReader.Read(document.Text, strings) is { IsAbsent: false } root)
            binder.Bind(root, offset);
    }

    /// <returns>Whether the document is done with: it is JSON, or it is meant to be JSON and is not valid.</returns>
    private static bool TryReadJson(ref JsonNodeReader reader, int offset, bool mayBeYaml, ObjectBinder binder)
    {
        var isFirst = true;
        try
        {
            while (reader.Read() is { IsAbsent: false } value)
            {
                isFirst = false;
                if (value.Kind is NodeKind.List)
                    BindAll(value, offset, binder);
                else
                    binder.Bind(value, offset);
            }

            return true;
        }
        catch (ManifestSyntaxException) when (isFirst && mayBeYaml)
        {
            return false;
        }
    }

    /// <summary>A JSON file may hold a bare array of objects.</summary>
    private static void BindAll(ManifestNode list, int offset, ObjectBinder binder)
    {
        foreach (var item in list.Items)
            binder.Bind(item, offset);
    }

    /// <summary>Flow-style YAML, the other thing that starts with a brace, seldom has quotes around its field names.</summary>
    private static bool LooksLikeJson(ReadOnlySpan<byte> content) => content.TrimStart("{[ \t\r\n"u8) is [(byte)'"', ..];

    /// <summary>The text without the marker and white space at its start.</summary>
    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> text) =>
        DocumentSplitter.TrimStart(text.StartsWith("---"u8) ? text[3..] : text);

    private static void ThrowIfNotUtf8(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return;
        var line = 1;
        for (var end = 0; Utf8.IsValid(text[..end]); line++)
            end += text[end..].IndexOf((byte)'\n') is >= 0 and var length ? length + 1 : text.Length - end;
        throw new ManifestSyntaxException(line - 1, "is not valid UTF-8");
    }
}
