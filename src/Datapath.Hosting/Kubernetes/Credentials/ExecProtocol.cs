using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>What is said to a credential plugin, and what it answers: an <c>ExecCredential</c> each.</summary>
internal static class ExecProtocol
{
    public const string Version = "client.authentication.k8s.io/v1";
    public const string OldVersion = "client.authentication.k8s.io/v1beta1";

    /// <summary>The question, for the variable <c>KUBERNETES_EXEC_INFO</c>.</summary>
    /// <exception cref="CredentialException">The certificate authority cannot be read.</exception>
    public static string Ask(ExecPlugin plugin)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", plugin.Version);
            json.WriteString("kind", "ExecCredential");
            json.WriteStartObject("spec");
            json.WriteBoolean("interactive", false);
            if (plugin.Cluster is { } cluster)
                Write(json, cluster);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Reads the answer.</summary>
    /// <exception cref="CredentialException">It is none.</exception>
    public static (Credential Credential, DateTimeOffset? Expires) Read(ReadOnlyMemory<byte> answer, ExecPlugin plugin)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            if (Text(root, "kind") is not "ExecCredential" || Text(root, "apiVersion") != plugin.Version)
                throw new CredentialException($"it is a '{Text(root, "kind")}' of '{Text(root, "apiVersion")}' and must be an ExecCredential of {plugin.Version}");
            if (!root.TryGetProperty("status", out var status) || status.ValueKind is not JsonValueKind.Object)
                throw new CredentialException("it has no status");
            var (token, certificate, key) = (Text(status, "token"), Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
            if (certificate is null != key is null)
                throw new CredentialException("status: needs both or neither of clientCertificateData and clientKeyData");
            if (token is null && certificate is null)
                throw new CredentialException("status: has neither token nor clientCertificateData");
            var context = certificate is null
                ? null
                : CertificateReader.ReadWithKey(new("status.clientCertificateData", null, certificate), new("status.clientKeyData", null, key));
            return (new(token, context), ReadTime(Text(status, "expirationTimestamp")));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CredentialException($"it is no ExecCredential in JSON: {e.Message}", e);
        }
    }

    private static void Write(Utf8JsonWriter json, ExecCluster cluster)
    {
        json.WriteStartObject("cluster");
        json.WriteString("server", cluster.Server.OriginalString.TrimEnd('/'));
        if (cluster.TlsServerName is { } name)
            json.WriteString("tls-server-name", name);
        if (cluster.SkipsVerification)
            json.WriteBoolean("insecure-skip-tls-verify", true);
        if (cluster.Authority is { } authority)
            json.WriteBase64String("certificate-authority-data", Encoding.UTF8.GetBytes(authority.Read()));
        if (cluster.Proxy is { } proxy)
            json.WriteString("proxy-url", proxy);
        if (cluster.DisablesCompression)
            json.WriteBoolean("disable-compression", true);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? ReadTime(string? text)
    {
        if (text is null)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new CredentialException($"status.expirationTimestamp: '{text}' must be a time as in RFC 3339");
    }
}
