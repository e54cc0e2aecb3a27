using System.Net;
using System.Net.Sockets;
using Datapath.Agent.Commands;
using Datapath.Agent.Metrics;
using Datapath.Agent.Status;

namespace Datapath.Kernel.Tests.Agent.Metrics;

/// <summary>The address at which metrics are told.</summary>
[TestFixture]
internal sealed class MetricsAddressTests
{
    [TestCase("127.0.0.1:9464")]
    [TestCase("[::1]:9464")]
    [TestCase("[::]:0")]
    public void An_address_and_a_port_are_read(string text) => Assert.That(MetricsAddress.Parse("--x", text).ToString(), Is.EqualTo(text));

    [TestCase("")]
    [TestCase(":9464")]
    [TestCase("9464")]
    [TestCase("127.0.0.1")]
    [TestCase("127.1:9464")]
    [TestCase("[127.0.0.1]:9464")]
    [TestCase("::1:9464")]
    [TestCase("[::1]")]
    [TestCase("[::1]:65536")]
    [TestCase("127.0.0.1:-1")]
    [TestCase("localhost:9464")]
    public void Anything_else_is_refused_with_an_example(string text) => Assert.That(
        () => MetricsAddress.Parse("--x", text),
        Throws.TypeOf<ConfigurationException>().With.Message.EqualTo($"--x: '{text}' must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464"));

    [Test]
    public void One_that_is_taken_is_refused()
    {
        using var first = MetricsAddress.Listen("--x", new(IPAddress.Loopback, 0));
        Assert.That(
            () => MetricsAddress.Listen("--x", (IPEndPoint)first.LocalEndPoint!),
            Throws.TypeOf<AgentException>().With.Message.EqualTo($"--x: cannot listen at {first.LocalEndPoint}: Address already in use"));
    }

    [Test]
    public void The_unspecified_address_of_IPv6_hears_both_families()
    {
        using var listener = MetricsAddress.Listen("--x", new(IPAddress.IPv6Any, 0));
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var client = new TcpClient(address.AddressFamily);
            Assert.That(() => client.Connect(address, ((IPEndPoint)listener.LocalEndPoint!).Port), Throws.Nothing, address.ToString());
        }
    }
}
