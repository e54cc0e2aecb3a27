using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Bpf;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

/// <summary>What the running kernel answers, with damage: each reader takes it or throws its declared exception.</summary>
public class DumpFuzzTests
{
    private const int Rounds = 30_000;

    private static readonly NetlinkMessageHandler[] s_readers =
    [
        static message => NetworkLinkReader.Read(message),
        static message => NetworkLinkReader.ReadStatistics(message),
        static message => RouteNetlink.ReadAddress(message),
        static message => NetworkRouteReader.ReadAny(message),
        static message => NetworkNeighbourReader.Read(message),
        static message => ForwardingEntryReader.Read(message),
        static message => NetworkRuleReader.Read(message),
        static message => TrafficControlReader.ReadQueue(message),
        static message => TrafficControlReader.ReadClass(message),
        static message => TrafficControlReader.ReadFilter(message),
        static message => NetworkChangeReader.Read(message, (NetworkChanges)(-1)),
        static message => RouteNetlink.ReadNamespaceId(message),
    ];

    private NetlinkLab _lab = null!;

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [Test]
    [LoadTest]
    public void Damaged_answers_of_the_kernel_are_read_or_refused_with_the_declared_exception([Values(1, 2)] int seed)
    {
        using var program = Fill();
        using var filter = _lab.Left.Run(() => TcFilter.Attach(program, new() { InterfaceIndex = _lab.LeftIndex, Direction = TcxDirection.Ingress }));
        var messages = CaptureAll();
        Assert.That(messages.Select(static bytes => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(4))).Distinct(), Is.SupersetOf(new ushort[]
        {
            Rtnl.RTM_NEWLINK, Rtnl.RTM_NEWADDR, Rtnl.RTM_NEWROUTE, RtnlNeighbours.RTM_NEWNEIGH, RtnlRules.RTM_NEWRULE,
            RtnlTc.RTM_NEWQDISC, RtnlTc.RTM_NEWTCLASS, RtnlTc.RTM_NEWTFILTER,
        }));
        foreach (var message in messages)
            Assert.That(Read(message), Is.EqualTo(s_readers.Length), "undamaged, each is read by all");

        var random = new Random(seed);
        var (taken, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var read = Read(Damage(random.GetItems(messages, 1)[0], random));
            taken += read;
            refused += s_readers.Length - read;
        }

        Assert.That(taken > Rounds && refused > Rounds / 20, Is.True, $"{taken} taken, {refused} refused: both must be often, or this tells nothing");
    }

    // How many readers took it. Anything but the declared exception ends the test.
    private static int Read(byte[] datagram)
    {
        var taken = 0;
        foreach (var read in s_readers)
        {
            try
            {
                var reader = new NetlinkMessageReader(datagram);
                while (reader.TryRead(out var message))
                    read(message);
                taken++;
            }
            catch (NetlinkFormatException e)
            {
                Assert.That(e.Message, Is.Not.Empty);
            }
        }

        return taken;
    }

    private static byte[] Damage(byte[] message, Random random)
    {
        var bytes = message.AsSpan().ToArray();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(16, bytes.Length - 4);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1: // the length of an attribute, often
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at & ~3), (ushort)random.Next(40));
                    break;
                case 2: // its type, often
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan((at & ~3) + 2), (ushort)random.Next(70));
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(at, random.Next(1, 4)));
                    break;
            }
        }

        if (random.Next(8) == 0)
            bytes = bytes[..random.Next(16, bytes.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length); // else the first check refuses all
        return bytes;
    }

    private BpfProgram Fill()
    {
        var route = _lab.LeftRoute;
        var vxlan = route.CreateVxlan("vx", new() { Id = 7, Local = NetlinkLab.LeftV6 });
        route.AppendForwardingEntry(new(vxlan, new(new byte[6])) { Remote = NetlinkLab.RightV6, RemotePort = 4, RemoteNetworkId = 5 });
        route.CreateMacvlan("mv", _lab.LeftIndex);
        route.AddNeighbour(new(_lab.LeftIndex, IPAddress.Parse("192.0.2.9")) { MacAddress = new([2, 0, 0, 0, 0, 9]) });
        route.AddRoute(new(IPNetwork.Parse("198.51.100.0/24"))
        {
            Mtu = 1400,
            NextHops = [new() { Gateway = NetlinkLab.RightV4 }, new() { Gateway = NetlinkLab.RightV6, InterfaceIndex = _lab.LeftIndex }],
        });
        route.AddRule(new(AddressFamily.InterNetworkV6) { From = IPNetwork.Parse("fd00::/8"), Mark = 1, MarkMask = 3, InputInterface = "eth0" });
        route.AddQueue(new(_lab.LeftIndex, new TokenBucketOptions(1_250_000, 50_000, 100_000)));
        return TestPrograms.Return(0, ProgramType.SchedClassifier);
    }

    private byte[][] CaptureAll()
    {
        using var socket = _lab.Left.Run(static () => new NetlinkSocket(Nl.NETLINK_ROUTE));
        var capture = new Capture([]);
        Scan(socket, Rtnl.RTM_GETLINK, default(IfInfoMsg), ref capture);
        Scan(socket, Rtnl.RTM_GETADDR, default(IfAddrMsg), ref capture);
        Scan(socket, Rtnl.RTM_GETROUTE, new RtMsg { Family = Libc.AF_INET }, ref capture);
        Scan(socket, Rtnl.RTM_GETROUTE, new RtMsg { Family = Libc.AF_INET6 }, ref capture);
        Scan(socket, RtnlNeighbours.RTM_GETNEIGH, default(NdMsg), ref capture);
        Scan(socket, RtnlNeighbours.RTM_GETNEIGH, new NdMsg { Family = RtnlNeighbours.AF_BRIDGE }, ref capture);
        Scan(socket, RtnlRules.RTM_GETRULE, new FibRuleHdr { Family = Libc.AF_INET6 }, ref capture);
        Scan(socket, RtnlTc.RTM_GETQDISC, default(TcMsg), ref capture);
        Scan(socket, RtnlTc.RTM_GETTCLASS, new TcMsg { InterfaceIndex = _lab.LeftIndex }, ref capture);
        Scan(socket, RtnlTc.RTM_GETTFILTER, new TcMsg { InterfaceIndex = _lab.LeftIndex, Parent = TcHandle.Ingress.Value }, ref capture);
        return [.. capture.Messages];
    }

    private static void Scan<T>(NetlinkSocket socket, ushort type, T header, ref Capture capture)
        where T : unmanaged
    {
        var request = new NetlinkWriter(stackalloc byte[64], type);
        request.Add(header);
        Assert.That(socket.Scan(request, ref capture).Errno, Is.EqualTo(Errno.None));
    }

    private readonly struct Capture(List<byte[]> messages) : INetlinkMessageVisitor
    {
        public List<byte[]> Messages => messages;

        public void Visit(NetlinkMessage message)
        {
            var bytes = new byte[16 + message.Payload.Length];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), message.Type);
            message.Payload.CopyTo(bytes.AsSpan(16));
            messages.Add(bytes);
        }
    }
}
