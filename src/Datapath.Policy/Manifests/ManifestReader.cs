using System.Text;

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
        DocumentReader.Read(text, file, binder.Bind, diagnostics);
        return new([.. binder.Objects], [.. diagnostics]) { Refused = [.. binder.Refused], Lines = [.. binder.Lines] };
    }
}
