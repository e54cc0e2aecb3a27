using System.Net;
using System.Net.Sockets;

namespace Datapath.Hosting;

/// <summary>How a pod reaches the cluster that it runs in: by its service account and two variables of its environment.</summary>
internal static class ServiceAccountReader
{
    public static ClusterAccess? Read(KubernetesOptions options, TimeProvider time, List<string> errors)
    {
        var token = Path.Combine(options.ServiceAccountFolder, "token");
        var authority = Path.Combine(options.ServiceAccountFolder, "ca.crt");
        if (!File.Exists(token))
        {
            errors.Add($"kubernetes:kubeconfig: must be set: '{token}' does not exist, so this is no pod with a service account");
            return null;
        }

        if (FindServer(options) is not { } server)
        {
            errors.Add("kubernetes:server: must be set: the environment has no KUBERNETES_SERVICE_HOST with KUBERNETES_SERVICE_PORT");
            return null;
        }

        var credentials = new StoredCredentials(options.Timings.CredentialAge, time) { TokenFile = token };
        return new(server, credentials) { Authority = new("certificate authority of the service account", authority, null) };
    }

    private static Uri? FindServer(KubernetesOptions options)
    {
        if (options.Server is { } text && ServerAddress.TryParse(text, out var server))
            return server;
        if (options.Variables("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host || options.Variables("KUBERNETES_SERVICE_PORT") is not { Length: > 0 } port)
            return null;
        var isIPv6 = IPAddress.TryParse(host, out var address) && address.AddressFamily is AddressFamily.InterNetworkV6;
        return ServerAddress.TryParse(isIPv6 ? $"https://[{host}]:{port}" : $"https://{host}:{port}", out server) ? server : null;
    }
}
