namespace Datapath.Kernel.Tests.Samples;

/// <summary>The samples that make a node run with one command, tell that everything was as it should be, and leave nothing behind.</summary>
[TestFixture]
internal sealed class NodeSampleTests
{
    [TestCase("Quickstart", "blue 12x")]
    [TestCase("Canary", "blue is out, and nobody was cut off")]
    [TestCase("NodeLocalDns", "10.96.0.10:53/UDP is answered by local-dns-2")]
    [TestCase("Masquerade", "IP 192.168.10.1 > 10.10.1.200: ICMP echo request")]
    [TestCase("MetadataProxy", "pod checkout asks 169.254.169.254 for credentials: ConnectionRefused")]
    public void A_sample_shows_what_it_promises_and_leaves_nothing(string name, string shown)
    {
        using var sample = new SampleProcess(name);
        Assert.That(sample.End(), Is.Zero, () => sample.Output + sample.Errors);
        Assert.That(sample.Output, Does.Contain(shown).And.Contain("Everything answered as it should.").And.Not.Contain("BAD"));
        Assert.That(sample.Errors, Is.Empty);
        sample.AssertNothingIsLeft();
    }

    [TestCase("Quickstart")]
    [TestCase("Canary")]
    [TestCase("NodeLocalDns")]
    [TestCase("Masquerade")]
    [TestCase("MetadataProxy")]
    public void A_sample_that_is_interrupted_leaves_nothing(string name)
    {
        using var sample = new SampleProcess(name);
        sample.WaitFor("  ok  ");
        sample.Interrupt();
        Assert.That(sample.End(), Is.EqualTo(130), () => sample.Output + sample.Errors);
        Assert.That(sample.Output, Does.Contain("Stopped."));
        sample.AssertNothingIsLeft();
    }

    [Test]
    public void Without_a_DNS_server_it_is_told_what_to_install_and_nothing_is_left()
    {
        using var sample = new SampleProcess("NodeLocalDns", path: "/nowhere");
        Assert.That(sample.End(), Is.EqualTo(1));
        Assert.That(sample.Errors, Does.Contain("apt-get install dnsmasq-base"));
        sample.AssertNothingIsLeft();
    }
}
