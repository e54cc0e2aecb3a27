using System.Net;
using Datapath.Linux.Netlink;

namespace Datapath.Hosting.Tests.Nodes;

internal sealed class DeviceAddressBookTests
{
    private const uint Up = 1; // IFF_UP

    private readonly DeviceAddressBook _book = new();

    private static NetworkLink Link(int index, uint flags = Up) => new() { Index = index, Name = $"eth{index}", Flags = flags };

    private static NetworkAddress Address(int index, string address) => new(index, IPAddress.Parse(address), 24);

    private string Listed => string.Join(' ', _book.List());

    [SetUp]
    public void TakeTwoDevices() => _book.Reset(
        [Link(1), Link(2)], [Address(2, "2001:db8::1"), Address(2, "10.0.0.2"), Address(1, "127.0.0.1"), Address(1, "10.0.0.1"), Address(2, "fe80::1")]);

    [Test]
    public void Addresses_are_listed_in_order_without_link_local_ones_of_IPv6() => Assert.That(Listed, Is.EqualTo("10.0.0.1 10.0.0.2 127.0.0.1 2001:db8::1"));

    [Test]
    public void An_address_on_two_devices_is_listed_once_and_until_both_have_lost_it()
    {
        _book.Apply(new AddressChange(Address(1, "10.0.0.2")));
        Assert.That(Listed, Is.EqualTo("10.0.0.1 10.0.0.2 127.0.0.1 2001:db8::1"));
        _book.Apply(new AddressChange(Address(2, "10.0.0.2")) { IsRemoval = true });
        Assert.That(Listed, Does.Contain("10.0.0.2"));
        _book.Apply(new AddressChange(Address(1, "10.0.0.2")) { IsRemoval = true });
        Assert.That(Listed, Is.EqualTo("10.0.0.1 127.0.0.1 2001:db8::1"));
    }

    [Test]
    public void Devices_that_are_down_do_not_count_until_they_are_up()
    {
        _book.Apply(new LinkChange(Link(2, flags: 0)));
        Assert.That(Listed, Is.EqualTo("10.0.0.1 127.0.0.1"));
        _book.Apply(new AddressChange(Address(2, "10.0.0.3")));
        Assert.That(Listed, Is.EqualTo("10.0.0.1 127.0.0.1"));
        _book.Apply(new LinkChange(Link(2)));
        Assert.That(Listed, Is.EqualTo("10.0.0.1 10.0.0.2 10.0.0.3 127.0.0.1 2001:db8::1"));
    }

    [Test]
    public void A_device_takes_its_addresses_along()
    {
        _book.Apply(new LinkChange(Link(2)) { IsRemoval = true });
        _book.Apply(new LinkChange(Link(2))); // another one with its number
        Assert.That(Listed, Is.EqualTo("10.0.0.1 127.0.0.1"));
    }

    [Test]
    public void An_address_that_may_be_somebody_elses_does_not_count()
    {
        _book.Apply(new AddressChange(Address(1, "2001:db8::2") with { IsTentative = true }));
        Assert.That(Listed, Does.Not.Contain("2001:db8::2"));
        _book.Apply(new AddressChange(Address(1, "2001:db8::2")));
        Assert.That(Listed, Does.Contain("2001:db8::2"));
    }

    [Test]
    public void A_new_listing_replaces_all()
    {
        _book.Reset([Link(3)], [Address(3, "192.0.2.1"), Address(1, "10.0.0.1")]);
        Assert.That(Listed, Is.EqualTo("192.0.2.1"));
    }
}
