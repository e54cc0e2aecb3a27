using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.BpfObjects;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Walks over objects of the kernel.</summary>
[TestFixture]
internal sealed class IteratorTests
{
    private const byte Listening = 10; // TCP_LISTEN

    // Writes the port (struct sock_common, 14) and the state (18) of each TCP socket: 4 bytes.
    private static readonly ulong[] s_tcp =
    [
        0x0000_1679, // r6 = ctx->meta
        0x0008_1779, // r7 = ctx->sk_common
        0x0009_0715, // if r7 == 0 goto exit
        0x000e_7169, // r1 = sk_common->skc_num
        0xfff8_1a6b, // *(u16 *)(r10 - 8) = r1
        0x0012_7171, // r1 = sk_common->skc_state
        0xfffa_1a6b, // *(u16 *)(r10 - 6) = r1
        0x0000_6179, // r1 = meta->seq
        0xa2bf, // r2 = r10
        0xfffffff8_00000207, // r2 -= 8
        0x00000004_000003b7, // r3 = 4
        0x0000007f_00000085, // bpf_seq_write
        0xb7, // r0 = 0
        0x95,
    ];

    // Writes the key (32 bits) of each element of a map.
    private static readonly ulong[] s_keys =
    [
        0x0000_1679, // r6 = ctx->meta
        0x0010_1279, // r2 = ctx->key
        0x0003_0215, // if r2 == 0 goto exit
        0x0000_6179, // r1 = meta->seq
        0x00000004_000003b7, // r3 = 4
        0x0000007f_00000085, // bpf_seq_write
        0xb7,
        0x95,
    ];

    [Test]
    public void A_walk_over_tcp_sockets_shows_one_that_listens_in_the_namespace()
    {
        using var program = Load("tcp", s_tcp);
        using var iterator = BpfIterator.Create(program);
        using var network = NetworkNamespace.Create();
        network.Run(() =>
        {
            Assert.That(Walk(iterator), Is.Empty);
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 4321));
            listener.Listen();
            var seen = Walk(iterator);
            Assert.That(seen, Has.Length.EqualTo(4));
            Assert.That(BinaryPrimitives.ReadUInt16LittleEndian(seen), Is.EqualTo(4321));
            Assert.That(seen[2], Is.EqualTo(Listening));
        });
    }

    [Test]
    public void A_walk_over_a_map_shows_its_keys()
    {
        using var program = Load("bpf_map_elem", s_keys);
        using var map = BpfMap.Create(new() { Name = "walked", Type = MapType.Hash, KeySize = 4, ValueSize = 4, MaxEntries = 8 });
        map.UpdateRaw(7, new byte[4]);
        map.UpdateRaw(9, new byte[4]);
        using var iterator = BpfIterator.Create(program, map);
        Assert.That(MemoryMarshal.Cast<byte, uint>(Walk(iterator)).ToArray(), Is.EquivalentTo(new uint[] { 7, 9 }));
    }

    [Test]
    public void A_walk_over_a_map_needs_one()
    {
        using var program = Load("bpf_map_elem", s_keys);
        Assert.That(() => BpfIterator.Create(program), Throws.TypeOf<BpfException>().With.Message.EndsWith("EBADF (the program walks over the elements of a map, and none is named)"));
        using var ring = BpfMap.Create(MapSpec.RingBuffer("ring", 4096));
        Assert.That(() => BpfIterator.Create(program, ring), Throws.TypeOf<BpfException>().With.Message.EndsWith("EINVAL (the program does not walk over a RingBuffer, as map 'ring' is)"));
        using var narrow = BpfMap.Create(MapSpec.Hash<ushort, ushort>("narrow", 1));
        Assert.That(
            () => BpfIterator.Create(program, narrow),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("EACCES (the program reads more than map 'narrow' (Hash) has, which is a key of 2 and a value of 2 bytes)"));
    }

    [Test]
    public void A_pinned_iterator_opens_as_one()
    {
        using var pins = new TestPins();
        using (var program = Load("tcp", s_tcp))
        using (var iterator = BpfIterator.Create(program))
            iterator.Pin(pins["walk"]);
        using var opened = (BpfIterator)BpfLink.OpenPinned(pins["walk"]);
        Assert.That(opened.Info.Kind, Is.EqualTo(BpfLinkKind.Iterator));
        Assert.That(Walk(opened).Length % 4, Is.Zero);
    }

    [Test]
    public void A_program_of_another_kind_is_no_iterator()
    {
        using var program = TestPrograms.Proceed();
        Assert.That(() => BpfIterator.Create(program), Throws.ArgumentException.With.Message.StartsWith("program 'proceed' is a CgroupSockAddr for CgroupInet4Connect, no iterator"));
    }

    private static BpfProgram Load(string target, ulong[] instructions)
    {
        using var types = new BpfMapFactory(BpfObjectSpec.Parse(SocketLbObject.Read()));
        var spec = new ProgramSpec
        {
            Name = "walk",
            Type = ProgramType.Tracing,
            AttachType = AttachType.TraceIterator,
            AttachBtfId = KernelBtf.Running.FindFunction("bpf_iter_" + target),
        };
        return BpfProgram.Load(spec, MemoryMarshal.AsBytes<ulong>(instructions), "GPL", types.Btf);
    }

    private static byte[] Walk(BpfIterator iterator)
    {
        using var stream = iterator.Open();
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
