namespace Datapath.Policy;

/// <summary>
/// Reads the file of the ip-masq-agent, YAML or JSON: <c>nonMasqueradeCIDRs</c>, <c>masqLinkLocal</c> and <c>masqLinkLocalIPv6</c>.
/// </summary>
/// <remarks>
/// A file that is missing, or has not a single byte, stands for <see cref="NonMasqueradeList.Default"/>. One with anything in it stands for
/// what it says: without <c>nonMasqueradeCIDRs</c> for a list of link-local destinations alone. <c>resyncInterval</c> of the original agent has
/// no meaning, since the file is watched. Other fields are warned about.
/// </remarks>
public static class IPMasqAgentReader
{
    /// <summary>Where the file usually is.</summary>
    public const string DefaultPath = "/etc/config/ip-masq-agent";

    /// <summary>Reads a file. Never throws for what the text contains: what is wrong is a diagnostic with its line.</summary>
    /// <param name="text">Its content in UTF-8; <see langword="null"/> if it is missing.</param>
    /// <param name="file">Its name, for diagnostics.</param>
    public static IPMasqAgentContent Read(ReadOnlyMemory<byte>? text, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (text is not { Length: > 0 } content)
            return new(NonMasqueradeList.Default, []);
        var diagnostics = new List<Diagnostic>();
        var binder = new IPMasqAgentBinder(file, diagnostics);
        DocumentReader.Read(content, file, binder.Bind, diagnostics);
        if (diagnostics.Exists(static diagnostic => diagnostic.Severity is DiagnosticSeverity.Error))
            return new(null, [.. diagnostics]);
        return new(binder.ListOrEmpty(), [.. diagnostics]);
    }
}
