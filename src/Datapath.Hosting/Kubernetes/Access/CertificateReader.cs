using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Datapath.Hosting;

/// <summary>Reads certificates from PEM.</summary>
internal static class CertificateReader
{
    /// <summary>Reads all certificates of a text, at least one.</summary>
    /// <exception cref="CredentialException">There is none, or it is broken.</exception>
    public static X509Certificate2Collection ReadAll(PemText pem)
    {
        var text = pem.Read();
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(text);
            return all.Count > 0 ? all : throw new CredentialException($"{pem.Source}: has no certificate in PEM form");
        }
        catch (CryptographicException e)
        {
            throw new CredentialException($"{pem.Source}: is no certificate in PEM form: {e.Message}", e);
        }
    }

    /// <summary>Reads a client's certificate, with the ones between it and its root, and its key.</summary>
    /// <exception cref="CredentialException">One of them is broken, or they do not belong together.</exception>
    public static SslStreamCertificateContext ReadWithKey(PemText certificate, PemText key)
    {
        var others = ReadAll(certificate);
        others.RemoveAt(0);
        try
        {
            var first = X509Certificate2.CreateFromPem(certificate.Read(), key.Read());
            return SslStreamCertificateContext.Create(first, others, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CredentialException($"{key.Source}: is no key of {certificate.Source} in PEM form: {e.Message}", e);
        }
    }
}
