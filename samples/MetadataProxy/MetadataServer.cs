using System.Net;
using Datapath.Linux.Namespaces;

namespace Datapath.MetadataProxy;

/// <summary>The machine's own metadata service: whoever reaches it gets the credentials of the node.</summary>
internal static class MetadataServer
{
    public const int Port = 80;
    public const string InstancePath = "/latest/meta-data/instance-id";
    public const string CredentialsPath = "/latest/meta-data/iam/security-credentials/";
    public const string Instance = "i-0d1f2a3b";
    public const string NodeRole = "role of the node";

    public static IPAddress Address => IPAddress.Parse("169.254.169.254");

    /// <summary>An address by which the others reach <see cref="Address"/>.</summary>
    public static IPAddress Gateway => IPAddress.Parse("10.244.0.254");

    public static HttpService Start(NetworkNamespace network)
    {
        var service = new HttpService(Port, static (path, _) => Task.FromResult(path switch
        {
            InstancePath => Instance,
            CredentialsPath => NodeRole,
            _ => null,
        }));
        network.Run(service.Start);
        return service;
    }
}
