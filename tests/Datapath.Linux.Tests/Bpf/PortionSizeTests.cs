using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>How many elements the kernel is asked for at once.</summary>
[TestFixture]
internal sealed class PortionSizeTests
{
    [TestCase(1024, 1u << 20, 16L, 1024, TestName = "As many as a caller wants")]
    [TestCase(1024, 10u, 16L, 10, TestName = "No more than the map has")]
    [TestCase(1024, uint.MaxValue, 0L, 1024, TestName = "Elements without content")]
    [TestCase(4096, 0u, 16L, 1, TestName = "At least one of an empty map")]
    [TestCase(1024, 1u << 20, 32768L * 128, 1, TestName = "The largest values of 128 CPUs, of which 1024 would be 0 bytes in an int")]
    [TestCase(1024, 1u << 20, 32768L * 2, 64, TestName = "The largest values of two CPUs")]
    public void A_portion_is_bounded_by_elements_and_by_bytes(int most, uint maxEntries, long elementSize, int expected) =>
        Assert.That(PortionSize.First(most, maxEntries, elementSize), Is.EqualTo(expected));
}
