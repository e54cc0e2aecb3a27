using System.Text;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>The types of the running kernel.</summary>
[TestFixture]
internal sealed class KernelBtfTests
{
    private const string File = "/sys/kernel/btf/vmlinux";

    [Test]
    public void Structs_fields_and_functions_are_those_of_the_materializing_reader()
    {
        var expected = BtfFile.Parse(System.IO.File.ReadAllBytes(File));
        var kernel = KernelBtf.Running;
        Assert.That(kernel.Count, Is.EqualTo(expected.Types.Length));
        foreach (var name in new[] { "task_struct", "sk_buff", "sock_common", "net_device" })
        {
            var (found, type) = (kernel.Find(BtfKind.Struct, name), expected.Find(BtfKind.Struct, name)!);
            Assert.That((found.Id, found.Size, found.Count), Is.EqualTo((type.Id, type.Size, type.Members.Length)), name);
            for (var i = 0; i < found.Count; i++)
            {
                var field = found.Field(i);
                Assert.That(
                    new BtfMember(Encoding.UTF8.GetString(found.NameOf(field)), field.Type, field.BitOffset, field.BitSize),
                    Is.EqualTo(type.Members[i]),
                    name);
            }
        }

        var function = expected.Types.First(static t => t.Kind is BtfKind.Func);
        Assert.That(kernel.FindFunction(function.Name), Is.EqualTo(function.Id));
        Assert.That(kernel.FindFunction("task_struct"), Is.Zero, "a struct is no function");
        Assert.That(kernel.FindFunction("datapath_never"), Is.Zero);
    }

    [Test]
    public void Reading_costs_little_memory()
    {
        _ = KernelBtf.ReadFile(File); // what the runtime allocates once
        var before = GC.GetAllocatedBytesForCurrentThread();
        var kernel = KernelBtf.ReadFile(File);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Out.WriteLine($"{kernel.Count} types, {allocated / 1e6:f1} MB");
        Assert.That(allocated, Is.LessThan(16 << 20));
    }

    [Test]
    public void The_running_kernel_is_read_once()
    {
        var first = KernelBtf.Running;
        Assert.That(KernelBtf.Running, Is.SameAs(first));
    }

    [Test]
    public void A_file_that_is_missing_or_no_types_is_refused()
    {
        Assert.That(() => KernelBtf.ReadFile("/sys/kernel/btf/never"), Throws.TypeOf<LinuxException>().With.Message.Contains("ENOENT"));
        Assert.That(() => KernelBtf.Parse(new byte[100]), Throws.TypeOf<InvalidBpfObjectException>());
    }
}
