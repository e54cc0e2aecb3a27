using Datapath.Kernel.Tests.Lab;
using Datapath.NodeLocalDns;
using Datapath.SampleNode;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>A real DNS cache on the node that is its own upstream's redirect, asked by real clients, and replaced under them.</summary>
[TestFixture]
internal sealed class NodeLocalDnsTests
{
    private static readonly string[] s_names = [.. DnsNode.Records.Keys];
    private DnsNode _node = null!;

    [SetUp]
    public async Task StartNode()
    {
        PodNames.Enter();
        _node = await DnsNode.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task EndNode()
    {
        await _node.DisposeAsync();
        PodNames.Leave();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Queries_go_to_the_cache_and_its_misses_to_the_cluster(bool byDig)
    {
        IResolver resolver = byDig ? new Dig(PodProcess.Find("dig")!, _node.ClientNetwork) : new SocketResolver(_node.ClientNetwork);
        foreach (var (transport, name) in Transport.All.Zip(s_names))
        {
            Assert.That(await resolver.AskAsync(transport, DnsServer.WhoAreYou, DnsMessage.TypeTxt, CancellationToken.None), Is.EqualTo("local-dns-1"), transport.ToString());
            for (var i = 0; i < 2; i++)
                Assert.That(await resolver.AskAsync(transport, name, DnsMessage.TypeA, CancellationToken.None), Is.EqualTo(DnsNode.Records[name]), transport.ToString());
            Assert.That(await _node.CountMissesAsync(name, resolver, CancellationToken.None), Is.EqualTo(1), transport.ToString());
        }
    }

    [Test]
    public async Task Without_a_cache_the_service_itself_answers()
    {
        await _node.StopCacheAsync(CancellationToken.None);
        var resolver = new SocketResolver(_node.ClientNetwork);
        foreach (var transport in Transport.All)
            Assert.That(await resolver.AskAsync(transport, DnsServer.WhoAreYou, DnsMessage.TypeTxt, CancellationToken.None), Is.EqualTo("coredns"), transport.ToString());
    }

    [Test]
    public async Task A_cache_that_is_replaced_under_500_queries_a_second_loses_at_most_those_in_flight()
    {
        using var load = new QueryLoad(_node.ClientNetwork, s_names, Tour.QueriesPerSecond, CancellationToken.None);
        await load.SendMoreAsync(Tour.QueriesPerSecond / 4, CancellationToken.None);
        var inFlight = -1;
        await _node.ReplaceCacheAsync(() => inFlight = load.InFlight, CancellationToken.None);
        await load.SendMoreAsync(Tour.QueriesPerSecond / 4, CancellationToken.None);
        var result = await load.EndAsync();
        TestContext.Out.WriteLine($"{result}, {inFlight} in flight");
        Assert.That(result.Lost, Is.LessThanOrEqualTo(inFlight));
        Assert.That(result.Answered + result.Lost, Is.EqualTo(result.Sent));
        Assert.That(result.Reopened, Is.GreaterThanOrEqualTo(QueryLoad.Clients), "every socket was connected to the old cache");
        var resolver = new SocketResolver(_node.ClientNetwork);
        Assert.That(await resolver.AskAsync(Transport.All[0], DnsServer.WhoAreYou, DnsMessage.TypeTxt, CancellationToken.None), Is.EqualTo("local-dns-2"));
        Assert.That(await _node.CountMissesAsync(s_names[0], resolver, CancellationToken.None), Is.EqualTo(1), "the new cache has asked for itself");
    }
}
