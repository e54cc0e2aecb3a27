using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Datapath.SampleCluster;

/// <summary>
/// An API server that lists and watches as the real one does, keeps all versions, and fails as it is told to. kubectl takes it for a real one.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly string[] _names;
    private readonly HttpProtocols _protocols;
    private readonly IPAddress _address;
    private readonly List<Fault> _faults = [];
    private readonly Lock _gate = new();
    private WebApplication? _app;

    private ApiServer(IPAddress address, HttpProtocols protocols, string[] names) => (_address, _protocols, _names) = (address, protocols, names);

    public ClusterAuthority Authority { get; } = new();

    public ApiStore Store { get; } = new();

    /// <summary>The tokens that are accepted.</summary>
    public ConcurrentDictionary<string, string> Tokens { get; } = new() { ["secret"] = "test" };

    /// <summary>The client certificates that are accepted, by their thumbprints.</summary>
    public ConcurrentDictionary<string, string> Clients { get; } = [];

    /// <summary>The kinds that there are.</summary>
    public List<ApiResource> Resources { get; } = [.. ApiResource.BuiltIn, ApiResource.CiliumPolicies, ApiResource.ClusterPolicies];

    /// <summary>All requests: <c>list services ?limit=1</c> and the like.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Protocols of HTTP that were spoken.</summary>
    public ConcurrentDictionary<string, bool> Protocols { get; } = [];

    public int Port { get; private set; }

    public string Url => _address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"https://[{_address}]:{Port}" : $"https://{_address}:{Port}";

    public static async Task<ApiServer> StartAsync(IPAddress? address = null, HttpProtocols protocols = HttpProtocols.Http1AndHttp2, params string[] names)
    {
        var server = new ApiServer(address ?? IPAddress.Loopback, protocols, names.Length == 0 ? ["127.0.0.1", "::1", "localhost"] : names);
        await server.ResumeAsync();
        return server;
    }

    /// <summary>Adds something that goes wrong.</summary>
    public Fault Add(Fault fault)
    {
        lock (_gate)
            _faults.Add(fault);
        return fault;
    }

    public void Remove(Fault fault)
    {
        lock (_gate)
            _ = _faults.Remove(fault);
    }

    /// <summary>The fault that a request meets.</summary>
    public Fault? Meet(string verb, string plural)
    {
        lock (_gate)
        {
            foreach (var fault in _faults)
            {
                if (fault.Verb != verb || (fault.Plural.Length > 0 && fault.Plural != plural) || fault.Times == 0)
                    continue;
                if (fault.After-- > 0)
                    continue;
                fault.Times--;
                fault.Strikes++;
                return fault;
            }

            return null;
        }
    }

    public int CountOf(string request) => Requests.Count(line => line.StartsWith(request, StringComparison.Ordinal));

    /// <summary>A kubeconfig that leads here.</summary>
    public string ToKubeConfig() => $$"""
        apiVersion: v1
        kind: Config
        current-context: here
        clusters: [{ name: here, cluster: { server: "{{Url}}", certificate-authority-data: {{Convert.ToBase64String(Encoding.UTF8.GetBytes(Authority.Pem))}} } }]
        users: [{ name: me, user: { token: {{Tokens.Keys.First()}} } }]
        contexts: [{ name: here, context: { cluster: here, user: me } }]
        """;

    /// <summary>Stops listening and breaks all connections.</summary>
    public async Task PauseAsync()
    {
        foreach (var session in Store.Sessions)
            session.Cut();
        if (_app is { } app)
            await app.DisposeAsync();
        _app = null;
    }

    /// <summary>Listens again, at the same place.</summary>
    public async Task ResumeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.Limits.MinResponseDataRate = null;
            options.Listen(_address, Port, listen =>
            {
                listen.Protocols = _protocols;
                listen.UseHttps(Authority.IssueServer(_names), https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.ClientCertificateValidation = static (_, _, _) => true; // who it is decides the thumbprint
                });
            });
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromMilliseconds(100));
        _app = builder.Build();
        _app.Run(new ApiRequests(this).HandleAsync);
        await _app.StartAsync();
        Port = new Uri(_app.Urls.First()).Port;
    }

    public async ValueTask DisposeAsync() => await PauseAsync();
}
