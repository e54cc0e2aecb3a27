using System.Net.Security;

namespace Datapath.Hosting;

/// <summary>Who asks an API server. Compared by reference: another one is another, though it may say the same.</summary>
/// <param name="token">A bearer token; <see langword="null"/> without one.</param>
/// <param name="certificate">A client's certificate; <see langword="null"/> without one.</param>
internal sealed class Credential(string? token, SslStreamCertificateContext? certificate)
{
    public string? Token { get; } = token;

    public SslStreamCertificateContext? Certificate { get; } = certificate;
}
