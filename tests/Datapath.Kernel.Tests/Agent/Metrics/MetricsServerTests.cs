using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Datapath.Agent.Metrics;
using Datapath.Hosting;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Kernel.Tests.Agent.Metrics;

/// <summary>The answers of the server, on the wire, in a host without an engine.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MetricsServerTests : IDisposable
{
    private readonly Channel<ObjectBatch> _source = Channel.CreateUnbounded<ObjectBatch>();
    private readonly Socket _listener = MetricsAddress.Listen("--x", new(IPAddress.IPv6Loopback, 0));
    private readonly IPEndPoint _address;
    private readonly IHost _host;

    public MetricsServerTests()
    {
        _address = (IPEndPoint)_listener.LocalEndPoint!;
        var builder = Host.CreateEmptyApplicationBuilder(new());
        _ = builder.Services.AddDatapath(static options =>
        {
            options.EnableServices = false;
            options.Node.Addresses = [];
        }).AddSource(_ => new TestSource(_source.Reader));
        _ = builder.Services.AddSingleton(_listener).AddSingleton<MeterCollector>().AddHostedService<MetricsServer>();
        _host = builder.Build();
        _host.Start();
    }

    private DatapathMonitor Monitor => _host.Services.GetRequiredService<DatapathMonitor>();

    public void Dispose()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }

    /// <summary>Sends bytes and reads to the end.</summary>
    private string Ask(string request)
    {
        using var client = new TcpClient(AddressFamily.InterNetworkV6) { ReceiveTimeout = 20_000 };
        client.Connect(_address);
        client.GetStream().Write(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return reader.ReadToEnd();
    }

    private string Get(string path) => Ask($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");

    private static string Answer(string status, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    [Test]
    public async Task It_lives_at_once_and_is_ready_when_the_sources_first_lists_are_in_force()
    {
        Assert.That(Get("/healthz"), Is.EqualTo(Answer("200 OK", "ok\n")));
        Assert.That(Get("/readyz"), Is.EqualTo(Answer("503 Service Unavailable", "not synced: the sources have not told their initial lists yet: the source of objects TestSource\n")));
        Assert.That(Get("/metrics"), Does.Match(@"(?m)^datapath_reconcile_lag_seconds 0*[1-9.]"));
        Assert.That(_source.Writer.TryWrite(ObjectBatch.Upsert([])));
        _ = await Monitor.WaitForAsync(static s => s.IsSynced);
        Assert.That(Get("/readyz?verbose"), Is.EqualTo(Answer("200 OK", "ok\n")));
    }

    [Test]
    public void One_that_has_ended_neither_lives_nor_is_ready()
    {
        var end = new IOException("the kernel refused");
        Assert.That(MetricsServer.Live(end, busySince: null, DateTimeOffset.UnixEpoch), Is.EqualTo(new HttpAnswer("503 Service Unavailable", "the datapath has ended: the kernel refused\n")));
        Assert.That(MetricsServer.Ready(end, isSynced: true, awaited: []), Is.EqualTo(new HttpAnswer("503 Service Unavailable", "the datapath has ended: the kernel refused\n")));
    }

    [Test]
    public void One_whose_step_hangs_does_not_live()
    {
        var now = DateTimeOffset.UnixEpoch;
        Assert.That(MetricsServer.Live(end: null, now - MetricsServer.LongestStep, now).Status, Is.EqualTo("200 OK"));
        Assert.That(MetricsServer.Live(end: null, now - TimeSpan.FromSeconds(121), now), Is.EqualTo(new HttpAnswer("503 Service Unavailable", "a step hangs, for 121 s\n")));
    }

    [TestCase("POST /metrics HTTP/1.1\r\n\r\n", "405 Method Not Allowed")]
    [TestCase("GET / HTTP/1.1\r\n\r\n", "404 Not Found")]
    [TestCase("GET /metrics\r\n\r\n", "400 Bad Request")]
    [TestCase("GET http://x/metrics HTTP/1.1\r\n\r\n", "400 Bad Request")]
    [TestCase("\r\n\r\n", "400 Bad Request")]
    public void Other_requests_are_refused(string request, string status) => Assert.That(Ask(request), Does.StartWith($"HTTP/1.1 {status}\r\n"));

    [Test]
    public void A_head_without_end_is_refused() => Assert.That(Ask("GET /metrics HTTP/1.1\r\nX: " + new string('x', 8192 - 26)), Does.StartWith("HTTP/1.1 400 "));

    [Test]
    public void A_HEAD_has_no_body() => Assert.That(Ask("HEAD /healthz HTTP/1.0\r\n\r\n"), Does.EndWith("Content-Length: 3\r\nConnection: close\r\n\r\n"));

    [Test]
    public void Clients_that_say_nothing_keep_nobody_waiting_for_long()
    {
        var silent = Enumerable.Range(0, 20).Select(_ => new TcpClient(AddressFamily.InterNetworkV6)).ToArray();
        try
        {
            foreach (var client in silent)
                client.Connect(_address);
            Assert.That(Get("/healthz"), Is.EqualTo(Answer("200 OK", "ok\n")));
        }
        finally
        {
            Array.ForEach(silent, static client => client.Dispose());
        }
    }

    private sealed class TestSource(ChannelReader<ObjectBatch> batches) : IObjectSource
    {
        public IAsyncEnumerable<ObjectBatch> WatchAsync(CancellationToken cancellationToken) => batches.ReadAllAsync(cancellationToken);
    }
}
