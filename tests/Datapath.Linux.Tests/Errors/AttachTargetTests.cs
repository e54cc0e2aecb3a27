using System.Text;
using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;
using Datapath.Linux.Tests.Elf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>Programs that are made for a function of the kernel: which one the kernel is told, and what is said if it has none.</summary>
[TestFixture]
internal sealed unsafe class AttachTargetTests
{
    [TestCase("fentry/vfs_read", "vfs_read", AttachType.TraceFunctionEntry)]
    [TestCase("fexit/vfs_read", "vfs_read", AttachType.TraceFunctionExit)]
    [TestCase("fmod_ret/vfs_read", "vfs_read", AttachType.ModifyReturn)]
    [TestCase("lsm/file_open", "bpf_lsm_file_open", AttachType.LsmMac)]
    [TestCase("lsm_cgroup/socket_bind", "bpf_lsm_socket_bind", AttachType.LsmCgroup)]
    [TestCase("iter/task", "bpf_iter_task", AttachType.TraceIterator)]
    public void A_program_is_loaded_for_the_function_that_its_section_names(string section, string function, AttachType hook)
    {
        var id = KernelBtf.Running.FindFunction(function);
        Assume.That(id, Is.Not.Zero, $"this kernel is built without {function}");
        ProgLoadAttr asked = default;
        var kernel = new FakeKernel();
        using var play = kernel.On(BpfCommand.ProgLoad, (void* attr, ref int result) =>
        {
            asked = *(ProgLoadAttr*)attr;
            return kernel.Answer(BpfCommand.ProgLoad, attr, ref result);
        }).Play();
        BpfObject.Load(Object(section)).Dispose();
        Assert.That((asked.AttachBtfId, asked.ExpectedAttachType), Is.EqualTo((id, (uint)hook)));
    }

    [TestCase("fentry/no_such_thing", "function")]
    [TestCase("iter/no_such_thing", "iterator")]
    [TestCase("tp_btf/no_such_thing", "tracepoint")]
    public void What_the_kernel_does_not_have_is_named(string section, string what)
    {
        using var play = new FakeKernel().Play();
        var thrown = Assert.Throws<MissingFromKernelException>(() => BpfObject.Load(Object(section)).Dispose());
        Assert.That((thrown!.Missing, thrown.Message), Is.EqualTo(("no_such_thing", $"program 'run': this kernel has no {what} 'no_such_thing'")));
    }

    [TestCase(Errno.None, false)]
    [TestCase(Errno.EINVAL, true)]
    public void A_security_hook_that_is_missing_is_told_from_a_kernel_without_any(object answer, bool hasNone)
    {
        using var play = new FakeKernel().On(BpfCommand.ProgLoad, (void* attr, ref int result) => (Errno)answer is Errno.None ? Errno.EPERM : (Errno)answer).Play();
        Action load = static () => BpfObject.Load(Object("lsm/no_such_thing")).Dispose();
        if (hasNone)
            Assert.That(load, Throws.TypeOf<FeatureNotSupportedException>().With.Property("Feature").SameAs(BpfFeature.SecurityHooks));
        else
            Assert.That(load, Throws.TypeOf<MissingFromKernelException>().With.Message.EqualTo("program 'run': this kernel has no security hook 'no_such_thing'"));
    }

    [Test]
    public void A_program_that_stands_in_for_another_is_read_and_not_loaded()
    {
        using var play = new FakeKernel().Play();
        Assert.That(
            static () => BpfObject.Load(Object("freplace/decide")).Dispose(),
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.StartsWith("program 'run' stands in for a function of another program"));
    }

    private static BpfObjectSpec Object(string section)
    {
        var elf = new ElfBuilder();
        _ = elf.Section(".BTF", new BtfBuilder().Build());
        _ = elf.Section("license", Encoding.ASCII.GetBytes("GPL\0"));
        _ = elf.Program(section, "run", 0xb7, 0x95);
        return BpfObjectSpec.Parse(elf.Build());
    }
}
