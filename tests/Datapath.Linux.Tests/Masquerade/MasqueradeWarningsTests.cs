using System.Net;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

/// <summary>What is told of rules and devices that do not fit together.</summary>
internal sealed class MasqueradeWarningsTests
{
    private static readonly MasqueradeDevice s_device = new("eth0", 2, IPAddress.Parse("192.0.2.1"), null);

    [Test]
    public void Nothing_is_told_if_all_is_well() => Assert.That(MasqueradeWarnings.Of(MasqueradeState.Off, areAdopted: false, [s_device]), Is.Empty);

    [Test]
    public void Rules_that_are_not_known_are_told() =>
        Assert.That(MasqueradeWarnings.Of(MasqueradeState.Off, areAdopted: true, [s_device]).Single(), Does.StartWith("the rules of an earlier process"));

    [Test]
    public void No_device_is_told() => Assert.That(MasqueradeWarnings.Of(MasqueradeState.Off, areAdopted: false, []).Single(), Does.StartWith("there is no device"));

    [Test]
    public void A_device_without_an_address_is_told() =>
        Assert.That(MasqueradeWarnings.Of(MasqueradeState.Off, areAdopted: false, [s_device with { IPv4 = null }]).Single(), Does.StartWith("device 'eth0' has no address"));

    [Test]
    public void Addresses_of_routes_are_told_not_to_be_used()
    {
        var off = MasqueradeState.Off;
        var state = new MasqueradeState(off.Sources, off.Destinations, [new("", MasqueradeAddressSource.Route)], off.Verdicts);
        Assert.That(MasqueradeWarnings.Of(state, areAdopted: false, [s_device]).Single(), Does.Contain("packets get the address of the device"));
    }
}
