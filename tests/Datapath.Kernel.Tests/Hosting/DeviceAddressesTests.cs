using System.Collections.Immutable;
using System.Net;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>The addresses of a namespace's devices, from its kernel.</summary>
[TestFixture]
internal sealed class DeviceAddressesTests
{
    private NetworkNamespace _net = null!;
    private RouteNetlink _route = null!;
    private ServiceProvider _services = null!;
    private CancellationTokenSource _stop = null!;
    private IAsyncEnumerator<ImmutableArray<IPAddress>> _told = null!;

    [SetUp]
    public void MakeNamespace()
    {
        _net = NetworkNamespace.Create();
        _route = _net.OpenRouteNetlink();
        _stop = new(TimeSpan.FromSeconds(60)); // no correct run needs it
        _services = new ServiceCollection().AddDatapath(options => options.HostNetworkNamespace = $"/proc/self/fd/{_net.Handle.DangerousGetHandle()}").Services.BuildServiceProvider();
        _told = _services.GetRequiredService<INodeAddresses>().WatchAsync(_stop.Token).GetAsyncEnumerator();
    }

    [TearDown]
    public async Task DropNamespace()
    {
        await _told.DisposeAsync();
        await _services.DisposeAsync();
        _route.Dispose();
        _net.Dispose();
        _stop.Dispose();
    }

    private string First()
    {
        var next = _told.MoveNextAsync();
        Assert.That(next.IsCompletedSuccessfully);
        return Text;
    }

    /// <summary>What was told last, without the loopback addresses.</summary>
    private string Text => string.Join(' ', _told.Current.Where(static a => !IPAddress.IsLoopback(a)));

    private async Task UntilAsync(string addresses)
    {
        while (Text != addresses)
            Assert.That(await _told.MoveNextAsync());
    }

    [Test]
    public async Task Addresses_are_told_at_once_and_when_they_change()
    {
        var index = _route.CreateBridge("a");
        _route.AddAddress(index, IPAddress.Parse("192.0.2.1"), 24);
        _route.SetLinkUp(index);
        Assert.That(First(), Is.EqualTo("192.0.2.1"));
        _route.AddAddress(index, IPAddress.Parse("2001:db8::1"), 64);
        await UntilAsync("192.0.2.1 2001:db8::1");
        _route.DeleteAddress(index, IPAddress.Parse("192.0.2.1"), 24);
        await UntilAsync("2001:db8::1");
    }

    [Test]
    public async Task Devices_count_while_they_are_up()
    {
        var index = _route.CreateBridge("a");
        _route.AddAddress(index, IPAddress.Parse("192.0.2.1"), 24);
        Assert.That(First(), Is.Empty);
        _route.SetLinkUp(index);
        await UntilAsync("192.0.2.1");
        _route.DeleteLink(index);
        await UntilAsync("");
    }

    [Test]
    public async Task Those_of_the_namespace_of_this_process_are_told_without_the_right_to_enter_namespaces()
    {
        await using var own = new DeviceAddresses("/proc/self/ns/net").WatchAsync(_stop.Token).GetAsyncEnumerator();
        LimitedThread.Run(default, () =>
        {
            var next = own.MoveNextAsync();
            Assert.That(next.IsCompletedSuccessfully);
        });
        Assert.That(own.Current, Does.Contain(IPAddress.Loopback));
    }

    [Test]
    public void Loopback_addresses_are_told_too()
    {
        _ = First();
        Assert.That(_told.Current, Is.EquivalentTo(new[] { IPAddress.Loopback, IPAddress.IPv6Loopback }));
    }

    [Test]
    public async Task Changes_that_were_lost_are_made_good_by_a_new_listing()
    {
        Assert.That(First(), Is.Empty);
        var index = _route.CreateBridge("a");
        _route.SetLinkUp(index);
        for (var round = 0; round < 2000; round++)
        {
            _route.AddAddress(index, IPAddress.Parse("192.0.2.9"), 24);
            _route.DeleteAddress(index, IPAddress.Parse("192.0.2.9"), 24);
        }

        _route.AddAddress(index, IPAddress.Parse("192.0.2.1"), 24);
        await UntilAsync("192.0.2.1");
    }
}
