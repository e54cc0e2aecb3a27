using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf.Gallery;

/// <summary>Programs of the gallery do their work: what was linked and patched is what the source says.</summary>
[TestFixture]
internal sealed class GalleryRunTests
{
    private const int Aborted = 0;
    private const int Drop = 1;
    private const int Pass = 2;
    private const int Transmit = 3;
    private const int PortsAt = 14 + 20;

    [Test]
    public void A_ping_is_answered_in_place()
    {
        using var loaded = Load("xdp_ping");
        var request = PacketBytes.Ipv4(PacketBytes.Icmp, "10.0.0.9", PacketBytes.Ping());
        var result = loaded.Programs["pong"].TestRun(new() { Data = request });
        Assert.That(result.ReturnValue, Is.EqualTo(Transmit));
        var reply = result.Data.AsSpan();
        Assert.That(reply[..6].ToArray(), Is.EqualTo(request[6..12]), "the sender's MAC");
        Assert.That(reply[30..34].ToArray(), Is.EqualTo(new byte[] { 10, 0, 0, 9 }), "the sender's address");
        Assert.That(reply[PortsAt], Is.Zero, "an echo reply");
        Assert.That(PacketBytes.Checksum(reply[PortsAt..]), Is.Zero, "the checksum holds");
    }

    [Test]
    public void Listed_networks_are_dropped_in_both_families()
    {
        using var loaded = Load("xdp_firewall");
        var firewall = loaded.Programs["firewall"];
        loaded.Maps["denied4"].AsLpmTrie<Ipv4Prefix, uint>().Set(new(IPNetwork.Parse("10.1.0.0/16")), 1);
        loaded.Maps["denied6"].AsLpmTrie<Ipv6Prefix, uint>().Set(new(IPNetwork.Parse("fd00:1::/32")), 1);
        Assert.Multiple(() =>
        {
            Assert.That(Verdict(firewall, PacketBytes.Ipv4(PacketBytes.Udp, "10.1.2.3", new byte[8])), Is.EqualTo(Drop));
            Assert.That(Verdict(firewall, PacketBytes.Ipv4(PacketBytes.Udp, "10.2.2.3", new byte[8])), Is.EqualTo(Pass));
            Assert.That(Verdict(firewall, PacketBytes.Ipv6(PacketBytes.Udp, "fd00:1::5", new byte[8])), Is.EqualTo(Drop));
            Assert.That(Verdict(firewall, PacketBytes.Ipv6(PacketBytes.Udp, "fd00:2::5", new byte[8])), Is.EqualTo(Pass));
        });
        var verdicts = loaded.Maps["verdicts"].AsPerCpuArray<ulong>().ToArray().Select(static cpus => cpus.Aggregate(0ul, static (a, b) => a + b));
        Assert.That(verdicts, Is.EqualTo(new ulong[] { 0, 2, 2 }));
    }

    [Test]
    public void A_chain_of_tail_calls_goes_where_its_array_says()
    {
        using var loaded = Load("xdp_chain");
        var start = loaded.Programs["start"];
        var chain = loaded.Maps["chain"].AsProgramArray();
        var (four, six) = (PacketBytes.Ipv4(PacketBytes.Udp, "10.0.0.1", new byte[8]), PacketBytes.Ipv6(PacketBytes.Udp, "fd00::1", new byte[8]));
        Assert.That(Verdict(start, four), Is.EqualTo(Pass), "the array is empty");
        chain.Set(0, loaded.Programs["ipv4"]);
        chain.Set(1, loaded.Programs["ipv6"]);
        Assert.That((Verdict(start, four), Verdict(start, six)), Is.EqualTo((Drop, Transmit)));
        _ = chain.Remove(0);
        Assert.That((Verdict(start, four), Verdict(start, six)), Is.EqualTo((Pass, Transmit)));
    }

    [Test]
    public void A_packet_that_no_route_takes_is_left_to_the_stack()
    {
        using var loaded = Load("xdp_router");
        Assert.That(Verdict(loaded.Programs["route"], PacketBytes.Ipv4(PacketBytes.Udp, "203.0.113.7", new byte[8])), Is.EqualTo(Pass));
    }

    [Test]
    public void A_port_is_rewritten_and_the_checksum_mended()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("gallery/tc_port"));
        spec.DataSections[".rodata"].Set<ushort>("from_port", 5000);
        spec.DataSections[".rodata"].Set<ushort>("to_port", 53);
        using var loaded = BpfObject.Load(spec);
        var result = loaded.Programs["rewrite"].TestRun(new() { Data = PacketBytes.Ipv4(PacketBytes.Udp, "10.0.0.1", PacketBytes.Datagram(5000, 1, 2, 3, 4)) });
        var datagram = result.Data.AsSpan()[PortsAt..];
        Assert.That(BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]), Is.EqualTo(53));
        Assert.That(PacketBytes.Checksum(datagram), Is.Zero);
    }

    [Test]
    public void Packets_are_counted_by_the_longest_network_behind_any_number_of_tags([Values(0, 1, 2)] int tags)
    {
        using var loaded = Load("tc_networks");
        var networks = loaded.Maps["networks"].AsLpmTrie<Ipv6Prefix, ulong>();
        networks.Set(new(IPAddress.Parse("::ffff:10.0.0.0"), 96 + 8), 0);
        networks.Set(new(IPAddress.Parse("::ffff:10.1.0.0"), 96 + 16), 0);
        _ = loaded.Programs["count"].TestRun(new() { Data = PacketBytes.Ipv4(PacketBytes.Udp, "10.1.2.3", new byte[8], new ushort[tags]) });
        Assert.That(networks.TryMatch(new(IPAddress.Parse("::ffff:10.0.0.1")), out var wide), Is.True);
        Assert.That(networks.TryMatch(new(IPAddress.Parse("::ffff:10.1.0.1")), out var narrow), Is.True);
        // The kernel takes the outermost tag out of the packet, so the program sees one fewer.
        Assert.That((wide, narrow), Is.EqualTo((0ul, 1ul)));
    }

    [Test]
    public void A_token_bucket_lets_through_what_it_holds()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("gallery/tc_bucket"));
        spec.DataSections[".rodata"].Set("bytes_per_ms", 0u);
        using var loaded = BpfObject.Load(spec);
        loaded.Maps["buckets"].AsHash<uint, Bucket>().Set(0, new() { Tokens = 250 });
        var packet = PacketBytes.Ipv4(PacketBytes.Udp, "10.0.0.1", new byte[66]); // 100 bytes
        Assert.That(Enumerable.Range(0, 3).Select(_ => Verdict(loaded.Programs["limit"], packet)), Is.EqualTo(new[] { -1, -1, 2 }));
    }

    [Test]
    public void A_socket_filter_keeps_only_questions_for_names()
    {
        using var loaded = Load("socket_filter");
        var names = loaded.Programs["names"];
        Assert.That(Verdict(names, PacketBytes.Ipv4(PacketBytes.Udp, "10.0.0.1", PacketBytes.Datagram(53))), Is.EqualTo(-1));
        Assert.That(Verdict(names, PacketBytes.Ipv4(PacketBytes.Udp, "10.0.0.1", PacketBytes.Datagram(54))), Is.Zero);
        Assert.That(Verdict(names, PacketBytes.Ipv4(PacketBytes.Tcp, "10.0.0.1", PacketBytes.Datagram(53))), Is.Zero);
    }

    [Test]
    public void A_tenant_has_a_table_of_its_own()
    {
        using var loaded = Load("tenants");
        using var table = BpfMap.Create(MapSpec.Hash<uint, uint>("tenant_0", 64));
        var packet = PacketBytes.Ipv4(PacketBytes.Udp, "10.0.0.1", new byte[66]); // 100 bytes
        Assert.That(Verdict(loaded.Programs["classify"], packet), Is.Zero, "no tenant");
        loaded.Maps["tenants"].AsMapOfMaps<uint>().Set(0, table);
        Assert.That(Verdict(loaded.Programs["classify"], packet), Is.EqualTo(2), "a tenant without a rule");
        table.AsHash<uint, uint>().Set(100, 7);
        Assert.That(Verdict(loaded.Programs["classify"], packet), Is.EqualTo(1), "a tenant with a rule");
    }

    [Test]
    public void Callbacks_and_loops_count_the_primes()
    {
        using var loaded = Load("syscall_primes");
        var question = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(question, 1000);
        var result = loaded.Programs["count"].TestRun(new() { Context = question });
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(result.Context.AsSpan()[4..]), Is.EqualTo(168));
    }

    [Test]
    public void An_iterator_sums_a_hash()
    {
        using var loaded = Load("iter_sum");
        var values = loaded.Maps["values"];
        for (var i = 1u; i <= 10; i++)
            values.AsHash<uint, ulong>().Set(i, i * i);
        using var iterator = BpfIterator.Create(loaded.Programs["add"], values);
        using (var walk = iterator.Open())
            Assert.That(walk.Read(new byte[1]), Is.Zero, "it tells nothing but counts");
        Assert.That(loaded.Maps[".bss"].AsArray<Sums>()[0], Is.EqualTo(new Sums(385, 10)));
    }

    [Test]
    public void An_iterator_lists_this_process()
    {
        using var loaded = Load("iter_tasks");
        using var iterator = BpfIterator.Create(loaded.Programs["processes"]);
        using var reader = new StreamReader(iterator.Open(), Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n');
        Assert.That(lines[0].Trim(), Is.EqualTo("pid parent name"));
        Assert.That(lines.Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()), Has.One.EqualTo($"{Environment.ProcessId}"));
    }

    [Test]
    public void An_iterator_tells_the_listening_sockets_as_records()
    {
        using var loaded = Load("iter_tcp");
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var iterator = BpfIterator.Create(loaded.Programs["listeners"]);
        using var memory = new MemoryStream();
        using (var walk = iterator.Open())
            walk.CopyTo(memory);
        var found = MemoryMarshal.Cast<byte, Listener>(memory.ToArray()).ToArray();
        Assert.That(
            found,
            Has.One.EqualTo(new Listener(2, (uint)((IPEndPoint)listener.LocalEndpoint).Port, BinaryPrimitives.ReadUInt32LittleEndian([127, 0, 0, 1]), 0)));
    }

    private static BpfObject Load(string name) => BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("gallery/" + name)));

    private static int Verdict(BpfProgram program, byte[] packet) => program.TestRun(new() { Data = packet }).ReturnValue;

    [StructLayout(LayoutKind.Sequential)]
    private struct Bucket
    {
        public uint Lock;
        public uint Tokens;
        public ulong Filled;
    }

    private readonly record struct Sums(ulong Sum, ulong Elements);

    private readonly record struct Listener(uint Family, uint Port, uint Address, uint User);
}
