using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Datapath.Policy;

/// <summary>Reads the documents of a text one after the other, YAML or JSON, and hands their roots over. A malformed document refuses itself alone.</summary>
internal sealed class DocumentReader
{
    private readonly string _file;
    private readonly RootBinder _bind;
    private readonly List<Diagnostic> _diagnostics;
    private readonly StringPool _strings;
    private readonly bool _isJson;

    private DocumentReader(int length, string file, RootBinder bind, List<Diagnostic> diagnostics)
    {
        (_file, _bind, _diagnostics, _strings) = (file, bind, diagnostics, new(length));
        _isJson = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Takes a root, and how many lines of the text come before its document. It is gone when the next one comes.</summary>
    public delegate void RootBinder(ManifestNode root, int lineOffset);

    /// <summary>Reads all documents of a text in UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name; that of JSON ends in <c>.json</c>.</param>
    /// <param name="bind">Takes the roots, in a JSON array the items of it.</param>
    /// <param name="diagnostics">Takes what is wrong with documents as such.</param>
    public static void Read(ReadOnlyMemory<byte> text, string file, RootBinder bind, List<Diagnostic> diagnostics)
    {
        var reader = new DocumentReader(text.Length, file, bind, diagnostics);
        foreach (var document in DocumentSplitter.Split(Bytes(text)))
            reader.ReadOrRefuse(document);
    }

    private static ArraySegment<byte> Bytes(ReadOnlyMemory<byte> text)
    {
        if (text.Span.StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        return MemoryMarshal.TryGetArray(text, out var bytes) ? bytes : text.ToArray();
    }

    private void ReadOrRefuse(ManifestDocument document)
    {
        try
        {
            Read(document);
        }
        catch (ManifestSyntaxException e)
        {
            var line = document.FirstLine + Math.Clamp(e.Line, 1, Math.Max(1, document.LineCount)) - 1;
            _diagnostics.Add(new() { Severity = DiagnosticSeverity.Error, File = _file, Line = line, Reason = e.Message });
        }
    }

    private void Read(ManifestDocument document)
    {
        ThrowIfNotUtf8(document.Text);
        var offset = document.FirstLine - 1;
        var content = Content(document.Text);
        if (_isJson || content is [(byte)'{' or (byte)'[', ..])
        {
            var reader = new JsonNodeReader(document.Text, document.Text.Count - content.Length, _strings);
            if (TryReadJson(ref reader, offset, mayBeYaml: !_isJson && !LooksLikeJson(content)))
                return;
        }

        if (YamlNodeReader.Read(document.Text, _strings) is { IsAbsent: false } root)
            _bind(root, offset);
    }

    /// <returns>Whether the document is done with: it is JSON, or it is meant to be JSON and is not valid.</returns>
    private bool TryReadJson(ref JsonNodeReader reader, int offset, bool mayBeYaml)
    {
        var isFirst = true;
        try
        {
            while (reader.Read() is { IsAbsent: false } value)
            {
                isFirst = false;
                if (value.Kind is NodeKind.List)
                    BindAll(value, offset);
                else
                    _bind(value, offset);
            }

            return true;
        }
        catch (ManifestSyntaxException) when (isFirst && mayBeYaml)
        {
            return false;
        }
    }

    /// <summary>A JSON file may hold a bare array of objects.</summary>
    private void BindAll(ManifestNode list, int offset)
    {
        foreach (var item in list.Items)
            _bind(item, offset);
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
