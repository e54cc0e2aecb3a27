using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class AddressTests
{
    private NetlinkLab _lab = null!;

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [Test]
    public void Addresses_are_listed_for_one_interface_and_for_all()
    {
        var own = _lab.LeftRoute.ListAddresses(_lab.LeftIndex).Where(static address => !address.Address.IsIPv6LinkLocal);
        Assert.That(own, Is.EquivalentTo(new NetworkAddress[]
        {
            new(_lab.LeftIndex, NetlinkLab.LeftV4, 24),
            new(_lab.LeftIndex, NetlinkLab.LeftV6, 64), // not tentative: usable
        }));
        Assert.That(_lab.LeftRoute.ListAddresses().Select(static address => address.Address), Is.SupersetOf(
            new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, NetlinkLab.LeftV4, NetlinkLab.LeftV6 }));
    }

    [TestCase("192.0.2.77", 32)]
    [TestCase("2001:db8:1::77", 128)]
    public void An_address_can_be_added_and_deleted(string text, int prefixLength)
    {
        var address = IPAddress.Parse(text);
        _lab.LeftRoute.AddAddress(_lab.LeftIndex, address, prefixLength);
        Assert.That(_lab.LeftRoute.ListAddresses(), Does.Contain(new NetworkAddress(_lab.LeftIndex, address, prefixLength)));
        _lab.LeftRoute.DeleteAddress(_lab.LeftIndex, address, prefixLength);
        Assert.That(_lab.LeftRoute.ListAddresses().Select(static item => item.Address), Does.Not.Contain(address));
    }

    [Test]
    [MinimumKernel("6.6", "a refusal in words")]
    public void An_address_that_is_there_already_is_EEXIST_in_the_words_of_the_kernel()
    {
        Assert.That(() => _lab.LeftRoute.AddAddress(_lab.LeftIndex, NetlinkLab.LeftV4, 24), Throws.TypeOf<NetlinkException>()
            .With.Message.EqualTo($"add address 192.0.2.1/24 to interface {_lab.LeftIndex}: EEXIST (ipv4: Address already assigned)"));
        Assert.That(() => _lab.LeftRoute.AddAddress(_lab.LeftIndex, NetlinkLab.LeftV6, 64), Throws.TypeOf<NetlinkException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));
    }

    [Test]
    public void An_address_that_is_not_there_cannot_be_deleted()
    {
        Assert.That(() => _lab.LeftRoute.DeleteAddress(_lab.LeftIndex, IPAddress.Parse("198.51.100.1"), 24), Throws.TypeOf<NetlinkException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EADDRNOTAVAIL));
    }

    [Test]
    public void A_prefix_longer_than_the_address_is_a_mistake_of_the_caller()
    {
        Assert.That(() => _lab.LeftRoute.AddAddress(_lab.LeftIndex, NetlinkLab.LeftV4, 33), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _lab.LeftRoute.AddAddress(0, NetlinkLab.LeftV4, 32), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
