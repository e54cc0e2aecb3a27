using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>A program compiled against other layouts than the kernel's, fitted to the kernel and run.</summary>
[TestFixture]
internal sealed class CoreTests
{
    private readonly BtfIndex _kernel = KernelBtf.Running.Index;

    [Test]
    public void Each_kind_of_question_is_answered_with_what_the_kernel_has()
    {
        var file = TestObject.Read("core");
        using var cgroup = new TestCgroup();
        using var program = BpfObject.Load(BpfObjectSpec.Parse(file));
        using (CgroupLink.Attach(program.Programs["ask"], cgroup.Cgroup))
        using (var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram))
            _ = socket.Connect(SocketName.Of(IPAddress.Loopback, 9));

        var answers = ReadAnswers(program.Maps[".bss"]);
        var (sock, buffer) = (_kernel.Find(BtfKind.Struct, "sock"u8), _kernel.Find(BtfKind.Struct, "sk_buff"u8));
        var own = BtfIndex.Parse(ElfFile.Parse(file).FindSection(".BTF")!.Data);
        Assert.That(answers, Is.EqualTo(new ulong[]
        {
            12, // sock.__sk_common.skc_dport: behind two addresses and a hash
            16, // task_struct.comm
            0, // sock.not_in_any_kernel
            1, // sock___flavoured.__sk_common.skc_family
            1, // task_struct.pid has a sign
            61, // sk_buff.pkt_type: the lowest 3 bits of a byte
            61,
            own.Find(BtfKind.Struct, "sock"u8).Id,
            sock.Id,
            0, // struct datapath_never
            1, // struct sk_buff
            buffer.Size,
            0, // sock_common with skc_dport directly in it: the kernel has it in an anonymous union
            0, // BPF_MAP_TYPE_DATAPATH
            11, // BPF_MAP_TYPE_LPM_TRIE
            OffsetOf("task_struct", "tgid"u8),
        }));
    }

    [Test]
    public void A_field_that_the_kernel_lacks_does_not_matter_behind_a_test_for_it()
    {
        var file = TestObject.Read("core");
        using var program = BpfObject.Load(BpfObjectSpec.Parse(file));
        Assert.That(program.Programs["guarded"].Id, Is.Not.Zero);
    }

    [Test]
    public void The_verifiers_complaint_leads_back_to_the_field_that_the_kernel_lacks()
    {
        var file = TestObject.Read("core_missing");
        var refusal = Assert.Throws<VerifierException>(() => BpfObject.Load(BpfObjectSpec.Parse(file)).Dispose())!;
        Assert.That(refusal.Message, Does.Contain("struct datapath_never.field does not exist on this kernel"), string.Join('\n', refusal.Log));
    }

    private ulong OffsetOf(string type, ReadOnlySpan<byte> name)
    {
        var record = KernelBtf.Running.Find(BtfKind.Struct, type);
        for (var i = 0; i < record.Count; i++)
        {
            var field = record.Field(i);
            if (record.NameOf(field).SequenceEqual(name))
                return field.BitOffset / 8;
        }

        throw new AssertionException($"no field of {type}");
    }

    private static unsafe ulong[] ReadAnswers(BpfMap map)
    {
        var answers = new ulong[16];
        Assert.That(map.Info.ValueSize, Is.EqualTo(answers.Length * sizeof(ulong)));
        var index = 0U;
        using var lease = map.Handle.Lease();
        fixed (ulong* value = answers)
        {
            var attr = new MapElementAttr { MapFd = lease.Fd, Key = (ulong)&index, ValueOrNextKey = (ulong)value };
            Assert.That(Libc.Bpf(BpfCommand.MapLookupElem, ref attr), Is.EqualTo(Errno.None));
        }

        return answers;
    }
}
