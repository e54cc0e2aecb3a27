using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>A program whose cgroup, programs or pins are taken away hears of it from its calls and from the monitor. The clock stands still, so nothing is found by asking from time to time.</summary>
[TestFixture]
internal sealed class OutageTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);
    private TestCgroup _own = null!;
    private TestPins _pins = null!;
    private Cgroup _served = null!;

    [SetUp]
    public void MakeCgroup()
    {
        (_own, _pins) = (new(), new());
        _served = _own.Cgroup.CreateChild("served");
    }

    [TearDown]
    public void RemoveCgroup()
    {
        _served.Delete();
        _pins.Dispose();
        _own.Dispose();
    }

    private static ServiceBuilder Web => new ServiceBuilder("default", "web").ClusterIP("10.96.0.1").Port(80).Backend("10.0.0.1");

    private string Removed => $"cgroup '{_served.Path}' was removed: its programs serve nobody; start again with one that is there";

    private Task<DatapathHost> StartAsync(TimeProvider time) => DatapathHost.StartAsync(
        new DatapathOptions { CgroupRoot = _served.Path, BpfRoot = _pins.Path, MaxFrontends = 64, MaxSlots = 1024, MaxStickyClients = 64 },
        builder => builder.Services.AddSingleton(time));

    [Test]
    public async Task A_call_right_after_the_cgroup_was_removed_says_so()
    {
        await using var host = await StartAsync(new StoppedTime());
        _ = await host.Client.UpsertServiceAsync(Web);
        _served.Delete();
        var refusal = await Assert.ThrowsAsync<NotInForceException>(() => host.Client.UpsertServiceAsync(Web.Backend("10.0.0.2")));
        Assert.That(refusal!.Message, Is.EqualTo($"Service default/web: Active: 1 frontend; without effect: {Removed}"));
        Assert.That(host.Client.Current.Faults, Is.EqualTo(new[] { Removed }));
        var feature = host.Services.GetRequiredService<IDatapath>() is LinuxDatapath engine ? engine.GetStatus().Features.Single(static f => f.Name == "socket load balancing") : null;
        Assert.That(feature!.Reason, Is.EqualTo(Removed), "the same words");
    }

    [Test]
    public async Task A_cgroup_that_is_there_again_by_its_name_is_another_one()
    {
        await using var host = await StartAsync(new StoppedTime());
        _served.Delete();
        _served = _own.Cgroup.CreateChild("served");
        Assert.That((await Assert.ThrowsAsync<NotInForceException>(() => host.Client.UpsertServiceAsync(Web)))!.Entries.Single().Outage, Is.EqualTo(Removed));
    }

    [Test]
    public async Task Who_waits_hears_at_once_of_a_cgroup_that_was_removed()
    {
        await using var host = await StartAsync(new StoppedTime());
        var wait = host.Monitor.WaitForAsync(static now => now.Outage is not null);
        _served.Delete();
        Assert.That((await wait.WaitAsync(s_longest)).Faults, Is.EqualTo(new[] { Removed }));
    }

    [Test]
    public async Task Who_waits_hears_at_once_of_pins_that_were_deleted()
    {
        await using var host = await StartAsync(new StoppedTime());
        File.Delete(Path.Combine(PinFolder.MapsOf(_pins.Path), "dp_slots4"));
        var now = await host.Monitor.WaitForAsync(static now => !now.Faults.IsEmpty).WaitAsync(s_longest);
        Assert.That(now.Faults, Is.EqualTo(new[] { $"pins in '{_pins.Path}' are gone (dp_slots4): the state will not survive this process; start it again" }));
        Assert.That(now.Outage, Is.Null);
        Assert.That((await host.Client.UpsertServiceAsync(Web)).NotInForce, Is.Empty, "services go on");
        Directory.Delete(_pins.Path, recursive: true);
        now = await host.Monitor.WaitForAsync(static now => now.Faults.Any(static fault => fault.StartsWith("the pins in", StringComparison.Ordinal))).WaitAsync(s_longest);
        Assert.That(now.Faults.Single(), Does.StartWith($"the pins in '{_pins.Path}' are gone (deleted, unmounted"));
    }

    [Test]
    public async Task Programs_that_were_detached_are_told_by_the_next_call_and_by_the_clock()
    {
        await using var host = await StartAsync(TimeProvider.System);
        using (var link = CgroupLink.OpenPinned(Path.Combine(PinFolder.LinksOf(_pins.Path), "dp_connect4")))
            link.Detach();
        var refusal = await Assert.ThrowsAsync<NotInForceException>(() => host.Client.UpsertServiceAsync(Web));
        Assert.That(
            refusal!.Entries.Single().Outage,
            Does.Match($"^1 of [0-9]+ programs were detached from cgroup '{_served.Path}' \\(dp_connect4\\): the dials that they are for are not served; start again$"));
        using (var link = CgroupLink.OpenPinned(Path.Combine(PinFolder.LinksOf(_pins.Path), "dp_connect6")))
            link.Detach();
        var now = await host.Monitor.WaitForAsync(static now => now.Outage?.Contains("2 of", StringComparison.Ordinal) is true).WaitAsync(s_longest);
        Assert.That(now.Outage, Does.Contain("(dp_connect4, dp_connect6)"));
    }
}
