using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

/// <summary>The kernel's list of reserved ports, as it writes it.</summary>
internal sealed class LocalReservedPortsTests
{
    [TestCase("\n", new int[0])]
    [TestCase("8080\n", new[] { 8080 })]
    [TestCase("8080,9148,30000-30002,65535\n", new[] { 8080, 9148, 30000, 30001, 30002, 65535 })]
    public void Ports_and_ranges_are_read(string text, int[] ports) => Assert.That(LocalReservedPorts.Parse(text).Select(static port => (int)port), Is.EqualTo(ports));
}
