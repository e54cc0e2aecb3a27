namespace Datapath.Hosting;

/// <summary>Something in PEM form that a configuration has in itself or in a file.</summary>
/// <param name="Field">Where the configuration has it.</param>
/// <param name="Path">The file, which may change; <see langword="null"/> if there is none.</param>
/// <param name="Text">The text, if it is not in a file.</param>
internal sealed record PemText(string Field, string? Path, string? Text)
{
    /// <summary>What it is, for messages.</summary>
    public string Source => Path is null ? Field : $"{Field} '{Path}'";

    /// <summary>Reads it.</summary>
    /// <exception cref="CredentialException">The file cannot be read.</exception>
    public string Read()
    {
        if (Path is null)
            return Text!;
        try
        {
            return File.ReadAllText(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialException($"{Source}: cannot be read: {e.Message}", e);
        }
    }
}
