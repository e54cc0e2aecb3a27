using System.Net;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

/// <summary>What is told of rules and devices that do not fit together.</summary>
internal sealed class StatusWarningsTests
{
    private static readonly MasqueradeDevice s_device = new("eth0", 2, IPAddress.Parse("192.0.2.1"), null);

    [Test]
    public void Nothing_is_told_if_all_is_well() => Assert.That(StatusWarnings.Of(failure: null, areAdopted: false, 0, 0, [s_device]), Is.Empty);

    [Test]
    public void Devices_that_could_not_be_looked_at_are_told() => Assert.That(
        StatusWarnings.Of("list links: EPERM", areAdopted: false, 0, 0, [s_device]).Single(), Is.EqualTo("devices could not be looked at, which is tried again: list links: EPERM"));

    [Test]
    public void Flows_that_stay_are_told()
    {
        Assert.That(StatusWarnings.OfSweeps(failure: null), Is.Empty);
        Assert.That(StatusWarnings.OfSweeps("ENOMEM"), Is.EqualTo(new[] { "flows that are over are not removed, which is tried again: ENOMEM" }));
    }

    [Test]
    public void A_table_that_others_changed_and_one_that_is_not_watched_are_told()
    {
        Assert.That(StatusWarnings.OfTable("nat", failure: null, deafness: null), Is.Empty);
        Assert.That(StatusWarnings.OfTable("nat", "EPERM", "ENOMEM"), Is.EqualTo(new[]
        {
            "others changed table 'nat', or may have, and it is not put back, which is tried again: EPERM",
            "what others change of table 'nat' is looked for from time to time only: ENOMEM",
        }));
    }

    [Test]
    public void Rules_that_are_not_known_are_told() =>
        Assert.That(StatusWarnings.Of(failure: null, areAdopted: true, 0, 0, [s_device]).Single(), Does.StartWith("the rules of an earlier process"));

    [Test]
    public void No_device_is_told() => Assert.That(StatusWarnings.Of(failure: null, areAdopted: false, 0, 0, []).Single(), Does.StartWith("there is no device"));

    [Test]
    public void A_device_without_an_address_is_told() =>
        Assert.That(StatusWarnings.Of(failure: null, areAdopted: false, 0, 0, [s_device with { IPv4 = null }]).Single(), Does.StartWith("device 'eth0' has no address"));

    [Test]
    public void Flows_without_the_address_of_their_route_are_told() =>
        Assert.That(StatusWarnings.Of(failure: null, areAdopted: false, 3, 0, [s_device]).Single(), Does.StartWith("3 flows got the address of their device"));

    [Test]
    public void Flows_without_the_port_of_their_source_are_told() =>
        Assert.That(StatusWarnings.Of(failure: null, areAdopted: false, 0, 4, [s_device]).Single(), Does.StartWith("4 flows got another port than the one that their source has for all peers"));
}
