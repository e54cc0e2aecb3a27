namespace Datapath.MetadataProxy;

/// <summary>
/// The proxy: gives every pod a role of its own, and passes everything else on to the machine's metadata service, at the very address that is redirected here.
/// </summary>
internal static class Proxy
{
    public const int Port = 8181;
    public const string Command = "proxy";
    public const string ReadyText = "proxy listens";

    /// <summary>What a pod gets.</summary>
    public static string RoleOf(string client, string instance) => $"role of pod {client} on {instance}";

    /// <summary>Serves until the standard input ends: with whoever started it, however that ended.</summary>
    public static async Task<int> RunAsync()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
        using var service = new HttpService(Port, async (path, client) =>
        {
            if (path is not MetadataServer.CredentialsPath)
                return await PassOnAsync(path);
            return RoleOf(client.ToString(), await PassOnAsync(MetadataServer.InstancePath));
        });
        service.Start();
        Console.WriteLine(ReadyText);
        while (await Console.In.ReadLineAsync() is not null)
        {
            // nothing is expected but the end
        }

        return 0;

        Task<string> PassOnAsync(string path) => http.GetStringAsync(new Uri($"http://{MetadataServer.Address}{path}"));
    }
}
