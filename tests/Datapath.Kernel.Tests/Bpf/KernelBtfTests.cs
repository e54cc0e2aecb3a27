using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>The types of the running kernel.</summary>
[TestFixture]
internal sealed partial class KernelBtfTests
{
    private const string File = "/sys/kernel/btf/vmlinux";

    [Test]
    public void A_file_that_is_none_is_refused_and_not_waited_for()
    {
        var folder = Directory.CreateTempSubdirectory("datapath-test-");
        try
        {
            var fifo = Path.Combine(folder.FullName, "fifo");
            Assert.That(mkfifo(fifo, 0x180), Is.Zero);
            var reading = Task.Run(() => KernelBtf.ReadFile(fifo));
            Assert.That(async () => await reading.WaitAsync(TimeSpan.FromSeconds(60)), Throws.TypeOf<LinuxException>()
                .With.Message.EqualTo($"read '{fifo}': EINVAL (it is no regular file)"));
            Assert.That(() => KernelBtf.ReadFile("/dev/zero"), Throws.TypeOf<LinuxException>());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

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
        Assert.That(KernelBtf.Running.Count, Is.EqualTo(kernel.Count), "borrowed from the kernel or copied");
    }

    // This machine has no modules, so the second half of the kernel's own types stands for one.
    [Test]
    public void Types_that_continue_others_are_found_beside_them()
    {
        var bytes = System.IO.File.ReadAllBytes(File);
        var whole = KernelBtf.Running;
        var types = BitConverter.ToInt32(bytes, 12);
        var cut = whole.Index[(uint)whole.Count / 2].Offset;
        byte[] first = [.. bytes[..24], .. bytes[24..(24 + cut)], .. bytes[(24 + types)..]];
        BitConverter.TryWriteBytes(first.AsSpan(12), cut);
        BitConverter.TryWriteBytes(first.AsSpan(16), cut);
        byte[] second = [.. bytes[..24], .. bytes[(24 + cut)..(24 + types)]]; // its names are all in the base
        BitConverter.TryWriteBytes(second.AsSpan(12), types - cut);
        BitConverter.TryWriteBytes(second.AsSpan(16), types - cut);
        BitConverter.TryWriteBytes(second.AsSpan(20), 0);
        var path = Path.GetTempFileName();
        try
        {
            System.IO.File.WriteAllBytes(path, second);
            var both = KernelBtf.ReadFile(path, KernelBtf.Parse(first));
            Assert.That(both.Count, Is.EqualTo(whole.Count));
            foreach (var name in new[] { "task_struct", "sk_buff", "sock_common", "net_device", "bpf_iter__task", "datapath_never" })
                Assert.That(both.Find(BtfKind.Struct, name).Id, Is.EqualTo(whole.Find(BtfKind.Struct, name).Id), name);
            Assert.That(both.FindFunction("bpf_iter_task"), Is.EqualTo(whole.FindFunction("bpf_iter_task")).And.Not.Zero);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    [Test]
    public void A_module_that_is_not_loaded_is_missing()
    {
        Assert.That(() => KernelBtf.ReadModule("datapath_never"), Throws.TypeOf<LinuxException>().With.Message.Contains("ENOENT"));
        Assert.That(() => KernelBtf.ReadModule("../vmlinux"), Throws.ArgumentException);
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

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);
}
