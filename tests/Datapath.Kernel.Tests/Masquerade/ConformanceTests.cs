using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Packets from everywhere to everywhere: the outside sees the source that the rules say, whichever engine follows them.</summary>
[TestFixture(NatEngine.Ebpf)]
[TestFixture(NatEngine.Nftables, Category = "Load")] // the virtual machines have no modules of nf_tables
internal sealed class ConformanceTests(NatEngine engine)
{
    private const int Port = 9999;
    private const int FirstSourcePort = 20000;
    private static readonly IPNetwork s_range4 = IPNetwork.Parse("172.31.0.8/29");
    private static readonly IPNetwork s_range6 = IPNetwork.Parse("fd31::8/125");
    private ConformanceSite _site = null!;
    private int _sent;

    private static IEnumerable<TestCaseData> Wishes =>
    [
        Wish("Pods but within the cluster", ConformanceSite.InputsOf(
            new() { IPv4NativeRoutingCidr = IPNetwork.Parse("10.96.0.0/14"), IPv6NativeRoutingCidr = IPNetwork.Parse("fd97::/16") },
            "192.168.98.1", "fd99::1", "192.168.97.1", "fd95::1")),
        Wish("Lists and other nodes", ConformanceSite.InputsOf(
            new()
            {
                RemoteNodes = RemoteNodeMode.Masquerade,
                NonMasquerade = new() { Cidrs = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("2001:db8:113::/48")], MasqLinkLocal = true },
                MasqueradeCidrs =
                [
                    IPNetwork.Parse("198.51.100.0/31"), IPNetwork.Parse("203.0.0.0/8"), IPNetwork.Parse("169.254.169.254/32"), IPNetwork.Parse("2001:db8::/32"),
                    IPNetwork.Parse("2001:db8:98::/48"),
                ],
            },
            "192.168.98.1", "fd99::1")),
        Wish("All that is forwarded with addresses of its own", ConformanceSite.InputsOf(
            new()
            {
                MasqueradeForwarded = true,
                Interfaces = ["gu+", ConformanceSite.GuestDevice],
                Sources = [s_range4, s_range6],
                AddressSource = MasqueradeAddressSource.Fixed,
                Addresses = [.. ConformanceSite.NatAddresses[1..3], ConformanceSite.NatAddresses[4]],
            },
            "192.168.98.1", "fd99::1")),
        Wish("Guests and the node's loopback of one family", ConformanceSite.InputsOf(
            new() { EnableIPv6Masquerade = false, Interfaces = ["gues+"], Sources = [s_range4, IPNetwork.Parse("192.168.97.0/24")] },
            "192.168.98.1", "fd99::1")),
    ];

    [OneTimeSetUp]
    public void StartSite() => _site = new(engine);

    [OneTimeTearDown]
    public void StopSite() => _site.Dispose();

    [TestCaseSource(nameof(Wishes))]
    public void The_outside_sees_the_source_that_the_rules_say(MasqueradeInputs wishes)
    {
        var state = MasqueradeCompiler.Compile(wishes).State!;
        _site.Lab.Masquerade.Apply(state);
        var calls = Calls().ToArray();
        var first = _sent;
        var seen = new IPAddress?[calls.Length];
        using (var callee4 = Callee(IPAddress.Any))
        using (var callee6 = Callee(IPAddress.IPv6Any))
        {
            foreach (var call in calls)
                Send(call);
            Receive(callee4, first, seen, calls.Count(static call => call.To.AddressFamily is AddressFamily.InterNetwork));
            Receive(callee6, first, seen, calls.Count(static call => call.To.AddressFamily is AddressFamily.InterNetworkV6));
        }

        Assert.That(calls, Has.Length.GreaterThan(100));
        var verdicts = calls.Select(call => call.From.Decide(state, call.To).Verdict.Action).Distinct();
        Assert.That(verdicts, Is.EquivalentTo(Enum.GetValues<MasqueradeAction>()), "all that can become of a packet");
        Assert.That(calls.Zip(seen).Select(pair => Difference(state, pair.First, pair.Second)).OfType<string>(), Is.Empty);
    }

    [TestCaseSource(nameof(Wishes))]
    public void Connections_get_the_same_as_datagrams(MasqueradeInputs wishes)
    {
        var state = MasqueradeCompiler.Compile(wishes).State!;
        _site.Lab.Masquerade.Apply(state);
        string?[] differences =
        [
            .. from call in Calls()
               where call.Place is "outside" or "list"
               select Difference(state, call, Connect(call)),
        ];
        Assert.That(differences, Has.Length.GreaterThan(30));
        Assert.That(differences.OfType<string>(), Is.Empty);
    }

    [Test]
    public void The_packets_meet_every_rule_that_packets_of_this_kind_can_meet() => Assert.That(
        from wish in Wishes
        let state = MasqueradeCompiler.Compile((MasqueradeInputs)wish.Arguments[0]!).State!
        from call in Calls()
        group call by call.From.Decide(state, call.To).Verdict.Reason into met
        select met.Key,
        Is.EquivalentTo(Enum.GetValues<MasqueradeReason>().Except([MasqueradeReason.Reply, MasqueradeReason.OwnNode, MasqueradeReason.Multicast])));

    private static TestCaseData Wish(string name, MasqueradeInputs inputs) => new TestCaseData(inputs).SetArgDisplayNames(name);

    private static string? Difference(MasqueradeState state, Call call, IPAddress? seen)
    {
        var expected = call.From.SeenAs(state, call.To);
        return seen is not null && expected.Contains(seen)
            ? null
            : $"{call.From.Name} {call.Address} to {call.Place} {call.To}: {call.From.Decide(state, call.To).Verdict}, so {string.Join(" or ", expected)}, but {seen?.ToString() ?? "nothing"} was seen";
    }

    private IEnumerable<Call> Calls() =>
        from destination in ConformanceSite.Destinations
        from source in _site.Sources
        select new Call(source, destination.Name, destination.Address);

    private Socket Callee(IPAddress any) => _site.Lab.Router.Run(() =>
    {
        var socket = new Socket(any.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        if (any.AddressFamily is AddressFamily.InterNetworkV6)
            socket.DualMode = false;
        socket.Bind(new IPEndPoint(any, Port));
        return socket;
    });

    // A port of its own each, so that it is a flow of its own.
    private void Send(Call call)
    {
        var number = _sent++;
        Span<byte> text = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(text, number);
        using var socket = call.From.Network.Run(() => new Socket(call.To.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(call.Address, FirstSourcePort + number));
        _ = socket.SendTo(text, new IPEndPoint(call.To, Port));
    }

    private static void Receive(Socket callee, int first, IPAddress?[] seen, int count)
    {
        var text = new byte[sizeof(int)];
        for (var i = 0; i < count; i++)
        {
            EndPoint from = new IPEndPoint(callee.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            try
            {
                _ = callee.ReceiveFrom(text, ref from);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                return; // what was not seen is told with all other differences
            }

            seen[BinaryPrimitives.ReadInt32BigEndian(text) - first] = ((IPEndPoint)from).Address;
        }
    }

    private IPAddress Connect(Call call)
    {
        using var listener = _site.Lab.Router.Run(() =>
        {
            var socket = new Socket(call.To.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(call.To, 0));
            socket.Listen();
            return socket;
        });
        using var client = call.From.Network.Run(() =>
        {
            var socket = new Socket(call.To.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(call.Address, 0));
            socket.Connect(listener.LocalEndPoint!);
            return socket;
        });
        using var accepted = listener.Accept();
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address;
    }

    private sealed record Call(ConformanceSource From, string Place, IPAddress To)
    {
        public IPAddress Address => From.AddressOf(To.AddressFamily);
    }
}
