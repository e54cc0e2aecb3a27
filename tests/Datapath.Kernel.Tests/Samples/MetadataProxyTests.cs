using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.MetadataProxy;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>A real proxy stands for the address that it reaches itself, as a pod and on the host's network, and what becomes of dials without it.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class MetadataProxyTests(bool onHostNetwork)
{
    private MetadataNode _node = null!;

    [SetUp]
    public async Task StartNode()
    {
        PodNames.Enter();
        _node = await MetadataNode.StartAsync(onHostNetwork, CancellationToken.None);
    }

    [TearDown]
    public async Task EndNode()
    {
        await _node.DisposeAsync();
        PodNames.Leave();
    }

    [Test]
    public async Task Pods_and_the_host_reach_the_proxy_which_reaches_the_address_itself() =>
        Assert.That(
            (await FromPod(), await FromHost()),
            Is.EqualTo(("role of pod 10.244.1.21 on i-0d1f2a3b", "role of pod 10.244.0.1 on i-0d1f2a3b")));

    [Test]
    public async Task Without_the_proxy_dials_are_refused_until_the_policy_lets_them_through()
    {
        await _node.StopProxyAsync(CancellationToken.None);
        Assert.That((await FromPod(), await FromHost()), Is.EqualTo((nameof(SocketError.ConnectionRefused), nameof(SocketError.ConnectionRefused))));
        await _node.AllowFallbackAsync(CancellationToken.None);
        Assert.That((await FromPod(), await FromHost()), Is.EqualTo((MetadataServer.NodeRole, MetadataServer.NodeRole)));
    }

    private Task<string> FromPod() => MetadataClient.AskAsync(_node.ClientNetwork, CancellationToken.None);

    private Task<string> FromHost() => MetadataClient.AskAsync(_node.HostNetwork, CancellationToken.None);
}
