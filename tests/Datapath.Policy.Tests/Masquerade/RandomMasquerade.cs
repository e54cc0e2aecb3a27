using System.Collections.Immutable;
using System.Net;
using Datapath.Policy.Tests.Compilation.Inputs;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>Inputs and packets from so few addresses that ranges lie in each other and packets meet them.</summary>
internal static class RandomMasquerade
{
    private const string Own = "node-a";

    public static MasqueradeInputs Inputs(Random random) => new()
    {
        Configuration = Configuration(random),
        Node = new() { Name = random.Once(12) ? "" : Own, Addresses = random.Few(0, 2, () => new LocalAddress(Address(random))) },
        Nodes = [.. Enumerable.Range(0, random.Next(6)).Select(i => Node(random, i == 0 ? Own : $"node-{i}"))],
        Pods = [.. Enumerable.Range(0, random.Next(14)).Select(i => Pod(random, i))],
        Namespaces = [.. new[] { "default", "shop" }.Where(_ => random.Once(2)).Select(name => new Namespace { Metadata = Switched(random, new() { Name = name, Labels = random.Labels(("team", "blue", 2)) }, mayLabel: true) })],
        AgentList = random.Once(4) ? List(random) : null,
    };

    public static MasqueradePacket Packet(Random random)
    {
        var source = Address(random);
        IPAddress destination;
        do
            destination = Destination(random);
        while (destination.AddressFamily != source.AddressFamily);
        return new(source, destination)
        {
            Interface = random.Pick(null, null, "eth0", "veth0", "veth1", "docker0"),
            IsReply = random.Once(20),
            IsFromNatAddress = random.Once(20),
        };
    }

    private static MasqueradeConfiguration Configuration(Random random)
    {
        var isFixed = random.Once(4);
        return new()
        {
            EnableIPv4Masquerade = !random.Once(10),
            EnableIPv6Masquerade = !random.Once(10),
            Sources = random.Few(0, 2, () => Range(random)),
            Interfaces = random.Few(0, 2, () => random.Pick("eth0", "veth+", "veth0", "v+", "+")),
            MasqueradeForwarded = random.Once(4),
            IPv4NativeRoutingCidr = random.Once(3) ? Range(random, isIPv4: true) : null,
            IPv6NativeRoutingCidr = random.Once(3) ? Range(random, isIPv4: false) : null,
            PodCidrs = random.Few(0, 2, () => Range(random)),
            RemoteNodes = random.Pick(RemoteNodeMode.Keep, RemoteNodeMode.Masquerade),
            NonMasquerade = random.Once(4) ? List(random) : null,
            MasqueradeCidrs = random.Once(3) ? random.Few(1, 3, () => Range(random)) : [],
            AddressSource = isFixed ? MasqueradeAddressSource.Fixed : random.Pick(MasqueradeAddressSource.Device, MasqueradeAddressSource.Route),
            Addresses = isFixed ? [IPAddress.Parse("192.0.2.1")] : [],
            Pools = [.. Enumerable.Range(0, random.Next(4)).Select(i => Pool(random, i))],
        };
    }

    private static NonMasqueradeList List(Random random) =>
        new() { Cidrs = random.Few(0, 3, () => Range(random)), MasqLinkLocal = random.Once(2), MasqLinkLocalIPv6 = random.Once(2) };

    private static MasqueradePool Pool(Random random, int index) => new()
    {
        Name = $"pool-{index}",
        NamespaceSelector = random.Once(2) ? new(ImmutableDictionary<string, string>.Empty.Add("team", "blue")) : LabelSelector.Everything,
        PodSelector = random.Once(2) ? new(ImmutableDictionary<string, string>.Empty.Add("app", random.Pick("web", "db"))) : LabelSelector.Everything,
        Addresses = [IPAddress.Parse($"192.0.2.{10 + index}")],
    };

    private static Node Node(Random random, string name) => new()
    {
        Metadata = new() { Name = name },
        PodCidrs = [.. random.Few(0, 2, () => Range(random).ToString())],
        Addresses = random.Few(0, 6, () => random.Once(5) ? new NodeAddress("Hostname", name) : new(random.Pick(NodeAddress.InternalIP, NodeAddress.ExternalIP), Address(random).ToString())),
    };

    private static Pod Pod(Random random, int index) => new()
    {
        Metadata = Switched(
            random, new()
            {
                Name = $"pod-{index}",
                Namespace = random.Pick("default", "shop"),
                Labels = random.Labels(("app", "web", 2), ("app", "db", 4)),
                CreationTimestamp = random.Once(3) ? null : DateTimeOffset.UnixEpoch.AddDays(random.Next(2)),
                DeletionTimestamp = random.Once(4) ? DateTimeOffset.UnixEpoch : null,
            }, mayLabel: false),
        Spec = new() { NodeName = random.Pick(Own, Own, Own, "node-1", null), HostNetwork = random.Once(10) },
        Status = new()
        {
            Phase = random.Pick(PodPhase.Running, PodPhase.Running, PodPhase.Pending, PodPhase.Failed),
            PodIPs = random.Few(0, 2, () => random.Once(30) ? "10.0.0" : Address(random).ToString()),
        },
    };

    private static ObjectMeta Switched(Random random, ObjectMeta meta, bool mayLabel)
    {
        var texts = random.Labels((Policy.Pod.MasqueradeAnnotation, random.Pick("enabled", "disabled", "disabled", "Disabled"), 3));
        return mayLabel && random.Once(2) ? meta with { Labels = meta.Labels.AddRange(texts) } : meta with { Annotations = texts };
    }

    /// <summary>Mostly short, and sometimes everything.</summary>
    private static IPNetwork Range(Random random) => Range(random, random.Once(2));

    private static IPNetwork Range(Random random, bool isIPv4)
    {
        var length = random.Pick(32, 31, 30, 29, 24, 24, 16, 8, 0);
        var text = $"{(isIPv4 ? IPv4(random) : IPv6(random))}/{(isIPv4 ? length : 96 + length)}";
        if (!isIPv4 && random.Once(20))
            text = "::/0";
        Assert.That(IPRange.TryParse(text, out var range, out _), text);
        return range.ToNetwork();
    }

    private static IPAddress Destination(Random random) => random.Once(6)
        ? IPAddress.Parse(random.Pick("169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255", "ff02::1", "198.51.100.1", "2001:db8::1"))
        : Address(random);

    private static IPAddress Address(Random random) => IPAddress.Parse(random.Once(2) ? IPv4(random) : IPv6(random));

    private static string IPv4(Random random) => $"10.{random.Next(2)}.{random.Next(2)}.{random.Next(1, 7)}";

    private static string IPv6(Random random) => $"fd00::{random.Next(2)}:{(random.Next(2) * 256) + random.Next(1, 7):x}";
}
