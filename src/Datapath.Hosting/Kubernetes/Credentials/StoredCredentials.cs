using System.Net.Security;

namespace Datapath.Hosting;

/// <summary>A token, a client's certificate, both or neither, from texts or from files, which are read again since they are replaced before they expire.</summary>
internal sealed class StoredCredentials(TimeSpan age, TimeProvider time) : ICredentialSource
{
    private readonly Lock _gate = new();
    private Credential? _current;
    private string? _certificateText;
    private long _readAt;

    /// <summary>A token that does not change. It counts until <see cref="TokenFile"/> could be read.</summary>
    public string? Token { get; init; }

    public string? TokenFile { get; init; }

    public PemText? Certificate { get; init; }

    public PemText? Key { get; init; }

    /// <summary>Reads everything, to find mistakes early.</summary>
    /// <exception cref="CredentialException">Something cannot be read.</exception>
    public void Check() => _ = Read(before: null);

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_current is null || (HasFiles && time.GetElapsedTime(_readAt) >= age))
            {
                try
                {
                    _current = Read(_current);
                }
                catch (CredentialException) when (_current is not null)
                {
                    // A file that is just being replaced: what it said before is good until the server says otherwise.
                }

                _readAt = time.GetTimestamp();
            }

            return new(_current);
        }
    }

    public void Reject(Credential credential)
    {
        lock (_gate)
        {
            if (HasFiles && ReferenceEquals(credential, _current))
                (_current, _certificateText) = (null, null);
        }
    }

    private bool HasFiles => TokenFile is not null || Certificate?.Path is not null || Key?.Path is not null;

    /// <returns>The same as before if nothing is another.</returns>
    private Credential Read(Credential? before)
    {
        var token = ReadToken();
        var certificate = ReadCertificate(before?.Certificate);
        return before is not null && before.Token == token && ReferenceEquals(before.Certificate, certificate) ? before : new(token, certificate);
    }

    private string? ReadToken()
    {
        if (TokenFile is null)
            return Token;
        try
        {
            return File.ReadAllText(TokenFile).Trim() is { Length: > 0 } text ? text : throw new CredentialException($"token file '{TokenFile}': is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Token ?? throw new CredentialException($"token file '{TokenFile}': cannot be read: {e.Message}", e);
        }
    }

    private SslStreamCertificateContext? ReadCertificate(SslStreamCertificateContext? before)
    {
        if (Certificate is null || Key is null)
            return null;
        var text = Certificate.Read() + Key.Read();
        if (before is not null && text == _certificateText)
            return before;
        var certificate = CertificateReader.ReadWithKey(Certificate, Key);
        _certificateText = text;
        return certificate;
    }
}
