using Datapath.Agent.Output;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux.Bpf;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>A program whose egress NAT is kept from its work hears of it from its calls and from the monitor. The host's clock stands still, so nothing is found by its asking from time to time.</summary>
[TestFixture]
internal sealed class MasqueradeOutageTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private NatLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = NatLab.Pinned(TcMechanism.Tcx);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private Task<DatapathHost> StartAsync() => DatapathHost.StartAsync(
        static options =>
        {
            options.EnableServices = false;
            options.Node.Addresses = [];
            options.Masquerade.Enabled = true;
        },
        builder => builder.Services.AddSingleton<TimeProvider>(new StoppedTime()).AddSingleton<IMasquerade>(_lab.Masquerade));

    [Test]
    public async Task Programs_that_cannot_be_attached_again_are_an_outage_of_masquerading_alone()
    {
        await using var host = await StartAsync();
        _ = await host.Client.ChangeMasqueradeAsync(static rules => rules);
        var eth0 = _lab.Masquerade.Devices.Single().Index;
        using (_lab.Node.Run(() => new FullHook(eth0, TcxDirection.Egress)))
        {
            var now = await host.Monitor.WaitForAsync(static now => now.Masquerade?.Outage is not null).WaitAsync(s_longest);
            Assert.That(now.Masquerade!.Outage, Does.StartWith("programs were detached from device 'eth0' (dp_nat_egress) and are not attached again yet, which is tried again: ").And.Contain("ERANGE"));
            Assert.That(now.Faults, Has.Some.EqualTo($"masquerading: {now.Masquerade.Outage}"));
            Assert.That(now.Outage, Is.Null, "that of services is another");
            Assert.That(NatRows.Feature(_lab.Masquerade, now), Is.EqualTo(new FeatureRow("masquerading", FeatureWords.NotEffective, now.Masquerade.Outage!)));
            Assert.That(
                () => host.Client.ChangeMasqueradeAsync(static rules => rules with { EnableIPv6Masquerade = !rules.EnableIPv6Masquerade }),
                Throws.InvalidOperationException.With.Message.EqualTo($"the rules are in force without effect: {now.Masquerade.Outage}"));
        }

        _ = await host.Monitor.WaitForAsync(static now => now.Masquerade is { Outage: null }).WaitAsync(s_longest);
        Assert.That(await host.Client.ChangeMasqueradeAsync(static rules => rules), Has.Property(nameof(MasqueradeSnapshot.Outage)).Null);
    }

    [Test]
    public async Task Pins_that_were_deleted_are_told_and_are_no_outage()
    {
        await using var host = await StartAsync();
        Directory.Delete(_lab.Options.BpfRoot, recursive: true);
        var now = await host.Monitor.WaitForAsync(static now => now.Masquerade is { Faults.IsEmpty: false }).WaitAsync(s_longest);
        Assert.That(now.Faults.Single(), Does.StartWith($"masquerading: the pins in '{_lab.Options.BpfRoot}' are gone"));
        Assert.That((await host.Client.ChangeMasqueradeAsync(static rules => rules)).Outage, Is.Null, "packets are translated all the same");
    }
}
