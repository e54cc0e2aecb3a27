using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Datapath.Hosting;

/// <summary>How to reach an API server, and as whom.</summary>
/// <param name="Server">Its address, whose path ends with a slash.</param>
/// <param name="Credentials">Who asks.</param>
internal sealed record ClusterAccess(Uri Server, ICredentialSource Credentials)
{
    /// <summary>The name that the server's certificate must have, if it is not that of the address.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Who signed the server's certificate; <see langword="null"/>: one that the machine trusts.</summary>
    public PemText? Authority { get; init; }

    /// <summary>Whether any certificate will do.</summary>
    public bool SkipsVerification { get; init; }

    /// <summary>The proxy to go through: http, https or socks5.</summary>
    public WebProxy? Proxy { get; init; }

    /// <summary>Whether answers may be compressed.</summary>
    public bool Compresses { get; init; } = true;

    /// <summary>Reads the certificates that are trusted, as they are now.</summary>
    /// <exception cref="CredentialException">They cannot be read.</exception>
    public X509Certificate2Collection? ReadAuthority() => Authority is { } text ? CertificateReader.ReadAll(text) : null;
}
