using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>The kinds that the kernel numbers: a gap would show as a number where a name is expected.</summary>
[TestFixture]
internal sealed class KindTests
{
    // The last number of each enum as of Linux 6.18.
    [TestCase(typeof(MapType), 1, 33)]
    [TestCase(typeof(ProgramType), 0, 32)]
    [TestCase(typeof(AttachType), 0, 57)]
    [TestCase(typeof(BpfLinkKind), 0, 14)]
    public void Every_number_has_one_name(Type kind, int first, int last) =>
        Assert.That(Enum.GetValuesAsUnderlyingType(kind), Is.EqualTo(Enumerable.Range(first, last - first + 1)));

    // The kernel writes a value for each CPU where a map of these is read: as much room must be there.
    [Test]
    public void Maps_with_a_value_for_each_CPU_are_known() =>
        Assert.That(
            Enum.GetValues<MapType>().Where(MapElements.IsPerCpu),
            Is.EqualTo([MapType.PerCpuHash, MapType.PerCpuArray, MapType.LruPerCpuHash, MapType.PerCpuCgroupStorage]));
}
