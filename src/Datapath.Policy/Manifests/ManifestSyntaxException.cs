namespace Datapath.Policy;

/// <summary>A document cannot be read. Never leaves <see cref="DocumentReader"/>, which makes a diagnostic of it.</summary>
internal sealed class ManifestSyntaxException(int line, string reason) : Exception(reason)
{
    /// <summary>The line within the text that was being read, from 1.</summary>
    public int Line { get; } = line;
}
