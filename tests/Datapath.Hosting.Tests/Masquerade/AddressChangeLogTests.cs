using System.Net;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>What the log says of addresses that packets left as.</summary>
internal sealed class AddressChangeLogTests
{
    [TestCase("192.0.2.2", false, "New flows by eth0 leave as 192.0.2.2 instead of 192.0.2.1; 3 flows go on as before")]
    [TestCase("192.0.2.2", true, "The machine has 192.0.2.1 no more: 3 flows that left by eth0 as it are ended; new ones leave as 192.0.2.2")]
    [TestCase(null, false, "eth0 has no address of the family of 192.0.2.1 any more: new flows by it are refused; 3 flows go on as before")]
    [TestCase(null, true, "The machine has 192.0.2.1 no more: 3 flows that left by eth0 as it are ended; new ones are refused, for the device has no other address of the family")]
    public void It_says_what_becomes_of_new_flows(string? now, bool areEnded, string expected)
    {
        using var log = new FakeLog();
        MasqueradeEngines.Tell(log.CreateLogger("masquerade"), new("eth0", IPAddress.Parse("192.0.2.1"), now is null ? null : IPAddress.Parse(now), 3, areEnded));
        Assert.That(new[] { LogLevel.Information, LogLevel.Warning }.SelectMany(log.At), Is.EqualTo(new[] { expected }));
    }
}
