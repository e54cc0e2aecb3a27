using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// The list of an ip-masq-agent file that changes: given what the file contains, it works out what is in force. While the file is malformed
/// the last good list stays. Pure: whoever uses it reads the file. Not thread-safe.
/// </summary>
public sealed class IPMasqAgentList
{
    private readonly string _file;
    private bool _hasGood;

    /// <summary>Starts with the default list.</summary>
    /// <param name="file">The name of the file, for diagnostics.</param>
    public IPMasqAgentList(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
    }

    /// <summary>The list in force: <see cref="NonMasqueradeList.Default"/> until a good file was seen.</summary>
    public NonMasqueradeList List { get; private set; } = NonMasqueradeList.Default;

    /// <summary>What there is to say about the file as it is now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private set; } = [];

    /// <summary>Takes the present content of the file in.</summary>
    /// <param name="content">The content in UTF-8; <see langword="null"/> if the file is missing.</param>
    /// <returns>Whether another list is in force now.</returns>
    public bool Update(ReadOnlyMemory<byte>? content)
    {
        var (list, diagnostics) = IPMasqAgentReader.Read(content, _file);
        if (list is null)
        {
            var reason = _hasGood ? "is malformed: the last good list stays in force" : "is malformed: the default list is in force";
            Diagnostics = diagnostics.Add(new() { Severity = DiagnosticSeverity.Warning, File = _file, Reason = reason });
            return false;
        }

        (_hasGood, Diagnostics) = (true, diagnostics);
        if (list.Equals(List))
            return false;
        List = list;
        return true;
    }
}
