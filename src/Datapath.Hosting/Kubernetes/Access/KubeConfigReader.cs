using System.Net;
using YamlDotNet.Core;

namespace Datapath.Hosting;

/// <summary>Reads a kubeconfig: the cluster and the user of one of its contexts.</summary>
internal static class KubeConfigReader
{
    public static ClusterAccess? Read(string path, KubernetesOptions options, TimeProvider time, List<string> errors)
    {
        ConfigFields root;
        try
        {
            root = new(path, "", ConfigNodeReader.Read(File.ReadAllText(path)), errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"kubernetes:kubeconfig: '{path}' must be a file that can be read: {e.Message}");
            return null;
        }
        catch (YamlException e)
        {
            errors.Add($"{path}:{e.Start.Line}: is no YAML: {e.Message}");
            return null;
        }

        if ((options.Context ?? root.Text("current-context")) is not { } context)
        {
            root.Error("current-context", "is required, or kubernetes:context");
            return null;
        }

        if (root.Named("contexts", context, "context") is not { } chosen)
            return null;
        var (cluster, user) = (Follow(root, chosen, "cluster"), chosen.Has("user") ? Follow(root, chosen, "user") : null);
        return cluster is null ? null : ReadCluster(cluster, user, options, time, errors);
    }

    private static ConfigFields? Follow(ConfigFields root, ConfigFields context, string what)
    {
        if (context.Text(what) is { } name)
            return root.Named(what + "s", name, what);
        context.Error(what, "is required");
        return null;
    }

    private static ClusterAccess? ReadCluster(ConfigFields cluster, ConfigFields? user, KubernetesOptions options, TimeProvider time, List<string> errors)
    {
        var text = options.Server ?? cluster.Text("server");
        if (text is null || !ServerAddress.TryParse(text, out var server))
        {
            cluster.Error("server", text is null ? "is required" : $"'{text}' {ServerAddress.Rule}");
            return null;
        }

        var (skips, authority) = (cluster.Switch("insecure-skip-tls-verify"), cluster.Pem("certificate-authority"));
        if (skips && authority is not null)
            cluster.Error("insecure-skip-tls-verify", "must not be set beside a certificate authority");
        var tlsServerName = cluster.Text("tls-server-name");
        var proxy = ReadProxy(cluster);
        var compresses = !cluster.Switch("disable-compression");
        Try(() => authority is null ? null : CertificateReader.ReadAll(authority), errors);
        var info = new ExecCluster(server, tlsServerName, skips, authority, proxy?.Address?.OriginalString) { DisablesCompression = !compresses };
        if (KubeConfigUser.Read(user, info, options, time, errors) is not { } credentials)
            return null;
        return new(server, credentials)
        {
            TlsServerName = tlsServerName,
            Authority = authority,
            SkipsVerification = skips,
            Proxy = proxy,
            Compresses = compresses,
        };
    }

    private static WebProxy? ReadProxy(ConfigFields cluster)
    {
        if (cluster.Text("proxy-url") is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks5")
            return new(uri);
        cluster.Error("proxy-url", $"'{text}' must be an http, https or socks5 URL");
        return null;
    }

    private static void Try(Func<object?> read, List<string> errors)
    {
        try
        {
            _ = read();
        }
        catch (CredentialException e)
        {
            errors.Add(e.Message);
        }
    }
}
