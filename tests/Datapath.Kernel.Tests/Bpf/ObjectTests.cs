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
        Assert.That(loaded.Programs.Keys, Is.EquivalentTo(spec.Programs.Where(static p => p.Key != "optional" && p.Value.IsEnabled).Select(static p => p.Key)));
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
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("program 'optional': this kernel has no iterator 'no_such_thing'"));
    }

    // Of the kinds inside, netfilter alone is younger than the oldest kernel that is tested.
    private static BpfObjectSpec ReadKinds()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("kinds"));
        spec.Programs["a_netfilter"].IsEnabled = RunningKernel.IsAtLeast(BpfFeature.NetfilterLink.MinimumKernel);
        return spec;
    }
}
