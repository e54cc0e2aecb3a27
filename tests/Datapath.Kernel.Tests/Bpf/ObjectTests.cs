using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Objects as the compiler makes them, loaded.</summary>
[TestFixture]
internal sealed class ObjectTests
{
    [Test]
    [MinimumKernel("6.2", "bpf_cast_to_kern_ctx()")]
    public void Functions_callbacks_and_names_of_the_kernel_are_linked()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("linked"));
        Assert.That(spec.Programs["loops"].Functions, Has.Length.EqualTo(4), "itself, count, scale, add");
        Assert.That(spec.Programs["loops"].Lines, Is.Not.Empty);
        using var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Programs.Keys.Order(), Is.EqualTo(new[] { "kernel_names", "loops" }));
    }

    [Test]
    public void Every_kind_is_loaded_and_what_is_optional_is_not()
    {
        var spec = ReadKinds();
        using var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Programs.Keys, Is.EquivalentTo(spec.Programs.Where(static p => p.Value.IsEnabled).Select(static p => p.Key)));
    }

    [Test]
    [MinimumKernel("6.7", "cgroup hooks of unix sockets")]
    public void Every_section_of_libbpfs_names_that_is_supported_is_loaded()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("hooks"));
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = true;
        using var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Programs.Keys, Is.EquivalentTo(spec.Programs.Keys));
        Assert.That(() => RawTracepointLink.Attach(loaded.Programs["raw_tp_writable"], "bpf_test_finish").Dispose(), Throws.Nothing);
    }

    [Test]
    public void A_program_whose_section_is_not_known_is_loaded_as_what_the_caller_says()
    {
        var spec = ReadKinds();
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = program.Name == "unknown";
        Assert.That(
            () => BpfObject.Load(spec),
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.StartsWith("program 'unknown': section 'kprobes/do_exit' is no known program"));
        spec.Programs["unknown"].Type = ProgramType.Kprobe;
        using var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Programs["unknown"].Type, Is.EqualTo(ProgramType.Kprobe));
    }

    [Test]
    public void A_refused_program_is_explained_with_its_source_line()
    {
        var thrown = Assert.Throws<VerifierException>(static () => BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("refused"))).Dispose());
        Assert.That(thrown!.SourceLine, Does.StartWith("return *value;"));
        Assert.That(thrown.Message, Does.StartWith("load program 'refused': EACCES (R").And.Contains(", at: return *value;"));
    }

    [Test]
    public void An_iterator_that_the_kernel_lacks_is_named()
    {
        var spec = ReadKinds();
        spec.Programs["optional"].IsEnabled = true;
        Assert.That(
            () => BpfObject.Load(spec),
            Throws.TypeOf<MissingFromKernelException>().With.Message.EqualTo("program 'optional': this kernel has no iterator 'no_such_thing'"));
    }

    [Test]
    public void Maps_are_renamed_and_remade_and_those_that_nobody_uses_are_left_out()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("filled"));
        spec.Maps["shared"].Pinning = MapPinning.None;
        (spec.Maps["shared"].Name, spec.Maps["shared"].Type, spec.Maps["shared"].Flags) = ("mine", MapType.LruHash, MapFlags.None);
        (spec.Maps["shared"].ValueSize, spec.Maps["shared"].MaxEntries) = (16, 100);
        Assert.That(spec.RemoveUnusedMaps(), Is.EqualTo(new[] { "by_key" }));

        using var loaded = BpfObject.Load(spec);
        Assert.That(loaded.Maps.Keys.Order(), Is.EqualTo(new[] { "hidden", "jumps", "outer", "shared", "shown" }));
        Assert.That(loaded.Maps["shared"].Info with { Id = 0 }, Is.EqualTo(new MapInfo(0, "mine", MapType.LruHash, 4, 16, 100, MapFlags.NumaNode)));
    }

    [Test]
    public void A_map_that_is_needed_is_not_taken_out_unless_its_programs_are()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("filled"));
        Assert.That(() => spec.RemoveMap("shown"), Throws.InvalidOperationException.With.Message.Contains("is to hold it"));
        Assert.That(() => spec.RemoveMap("shared"), Throws.InvalidOperationException.With.Message.EqualTo("map 'shared' cannot be taken out: program 'second' uses it"));
        Assert.That(spec.RemoveMap("nothing"), Is.False);
        spec.Programs["second"].IsEnabled = false;
        Assert.That(spec.RemoveMap("shared"), Is.True);
        using (var loaded = BpfObject.Load(spec))
            Assert.That(loaded.Maps.Keys, Has.None.EqualTo("shared"));

        spec.Programs["second"].IsEnabled = true;
        Assert.That(() => BpfObject.Load(spec), Throws.InvalidOperationException.With.Message.EqualTo("program 'second' uses map 'shared', which was taken out of the spec"));
    }

    // Of the kinds inside, netfilter alone is younger than the oldest kernel that is tested.
    private static BpfObjectSpec ReadKinds()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("kinds"));
        spec.Programs["a_netfilter"].IsEnabled = RunningKernel.IsAtLeast(BpfFeature.NetfilterLink.MinimumKernel);
        return spec;
    }
}
