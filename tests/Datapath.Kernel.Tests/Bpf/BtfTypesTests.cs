using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>The types of the running kernel and of what is loaded, as they are shown.</summary>
[TestFixture]
internal sealed class BtfTypesTests
{
    [Test]
    public void Structs_of_the_kernel_are_laid_out_as_is_known()
    {
        var types = KernelBtf.Running.Types;
        var list = types.Find(BtfKind.Struct, "list_head");
        Assert.That(list.ToC(), Is.EqualTo("struct list_head {\n\tstruct list_head *next;\n\tstruct list_head *prev;\n};"));
        var sock = types.Find(BtfKind.Struct, "sock");
        Assert.That(sock.TryFindField("__sk_common.skc_family", out var family) && family.Offset == 16 && family.Type.Size == 2, $"{family}");
        Assert.That(sock.TryFindField("__sk_common.skc_dport", out var port) && port.Offset == 12, $"{port}");
        var task = types.Find(BtfKind.Struct, "task_struct");
        Assert.That(task.TryFindField("comm", out var name) && name.Type is { Kind: BtfKind.Array, ArrayLength: 16, Size: 16 }, $"{name}");
        Assert.That(task.TryFindField("real_parent", out var parent), Is.True);
        Assert.That(parent.Type.Target.Underlying, Is.EqualTo(task));
        Assert.That(task.Size, Is.GreaterThan(name.Offset + 16));
        var connect = types.Find(BtfKind.Func, "tcp_v4_connect");
        Assert.That(connect.Parameters[0].ToString(), Is.EqualTo("sk (struct sock *)"));
        Assert.That((connect.ReturnType.Name, connect.Id), Is.EqualTo(("int", KernelBtf.Running.FindFunction("tcp_v4_connect"))));
    }

    [Test]
    [LoadTest]
    public void Every_type_of_the_kernel_can_be_written()
    {
        var (definitions, letters) = (0, 0L);
        foreach (var type in KernelBtf.Running.Types)
        {
            Assert.That(type.ToString(), Is.Not.Empty.And.Not.StartsWith("(broken"));
            letters += type.ToC().Length;
            definitions++;
        }

        Assert.That(definitions, Is.EqualTo(KernelBtf.Running.Count));
        TestContext.Out.WriteLine($"{definitions} types, {letters} letters");
    }

    [Test]
    public void Types_that_are_loaded_are_read_by_their_number()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("inspect"));
        using var loaded = BpfObject.Load(spec);
        var details = loaded.Maps["states"].ReadDetails();
        var types = BpfInventory.ReadTypes(details.BtfId);
        Assert.That(types.Count, Is.EqualTo(spec.Types.Count));
        Assert.That((types[details.KeyTypeId].ToC(), types[details.ValueTypeId].ToC()), Is.EqualTo((spec.Maps["states"].KeyType.ToC(), spec.Maps["states"].ValueType.ToC())));
        var kernel = BpfInventory.Types().Single(static t => t.IsKernel && !t.IsModule).Id;
        Assert.That(BpfInventory.ReadTypes(kernel), Is.SameAs(KernelBtf.Running.Types), "nothing is copied");
        Assert.That(() => BpfInventory.ReadTypes(uint.MaxValue), Throws.TypeOf<BpfException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENOENT).And.Message.Contains("4294967295"));
    }

    [Test]
    public void Maps_and_kernel_structs_are_described()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Describe(BpfObjectSpec.Parse(TestObject.Read("inspect")), output);
        Assert.That(output.ToString(), Does.StartWith("struct peer {\n\t__u32 address;\n\t__u16 port;\n").And.Contains("skc_dport (__be16) at 12\n"));
    }

    // The document's snippet.
    private static void Describe(BpfObjectSpec spec, TextWriter output)
    {
        output.WriteLine(spec.Maps["states"].KeyType.ToC());

        var sock = KernelBtf.Running.Types.Find(BtfKind.Struct, "sock");
        if (sock.TryFindField("__sk_common.skc_dport", out var port))
            output.WriteLine(port); // skc_dport (__be16) at 12
        foreach (var parameter in KernelBtf.Running.Types.Find(BtfKind.Func, "tcp_v4_connect").Parameters)
            output.WriteLine(parameter); // sk (struct sock *), ...
    }
}
