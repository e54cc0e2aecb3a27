using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf.Gallery;

/// <summary>Small programs of the sort that people write, of every kind and with most of what C offers, all load.</summary>
[TestFixture]
internal sealed class GalleryLoadTests
{
    private const string Folder = "gallery/";

    [TestCaseSource(nameof(Names))]
    public void A_program_of_the_gallery_loads(string name)
    {
        if (name == "netfilter_hops")
            BpfFeature.NetfilterLink.ThrowIfUnsupported(); // it calls kernel functions that are no older
        var spec = BpfObjectSpec.Parse(TestObject.Read(Folder + name));
        using var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Programs.Keys, Is.EquivalentTo(spec.Programs.Keys).And.Not.Empty);
        Assert.That(loaded.Programs.Values.Select(static p => p.Id), Has.All.Positive);
    }

    [Test]
    public void The_gallery_has_programs_of_all_kinds()
    {
        var kinds = Names().SelectMany(static n => BpfObjectSpec.Parse(TestObject.Read(Folder + n)).Programs.Values).Select(static p => p.Type).ToHashSet();
        Assert.That(kinds, Is.SupersetOf(new[]
        {
            ProgramType.CgroupSkb, ProgramType.CgroupSock, ProgramType.CgroupSockAddr, ProgramType.SockOps, ProgramType.SchedClassifier, ProgramType.Xdp,
            ProgramType.Tracing, ProgramType.Netfilter, ProgramType.Tracepoint, ProgramType.RawTracepoint, ProgramType.PerfEvent, ProgramType.Syscall,
            ProgramType.SocketFilter,
        }));
    }

    private static IEnumerable<string> Names() => typeof(TestObject).Assembly.GetManifestResourceNames()
        .Where(static n => n.StartsWith(Folder, StringComparison.Ordinal))
        .Select(static n => n[Folder.Length..^".bpf.o".Length])
        .Order(StringComparer.Ordinal);
}
