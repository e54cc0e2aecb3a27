using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>Random objects out of so few names, addresses and ports that they meet, collide and now and then are invalid.</summary>
internal sealed class RandomObjects(Random random)
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e", "f"];
    private static readonly string[] s_portNames = ["", "http", "dns", "web"];
    private static readonly string?[] s_nodes = [null, "node-a", "node-b"];
    private static readonly L4Protocol[] s_protocols = [L4Protocol.Tcp, L4Protocol.Udp];
    private static readonly DateTimeOffset s_start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public KubernetesObject Next() => random.Next(2) == 0 ? Service() : Slice();

    /// <summary>The same service, of another age.</summary>
    public Service Aged(Service service) => service.With(meta => meta with { CreationTimestamp = Age() });

    public string? Node() => Pick(s_nodes);

    private Service Service()
    {
        var (ip, ips) = random.Next(8) switch
        {
            0 => (null, []),
            1 => ("None", ImmutableArray<string>.Empty),
            2 => ("10.96.0.1", ["10.96.0.1", $"fd00::{random.Next(1, 3)}"]),
            3 => ($"fd00::{random.Next(1, 3)}", []),
            4 when random.Next(4) == 0 => ("10.96.0.300", []),
            _ => ($"10.96.0.{random.Next(1, 4)}", ImmutableArray<string>.Empty),
        };
        var labels = ImmutableDictionary<string, string>.Empty;
        if (random.Next(15) == 0)
            labels = labels.Add("service.kubernetes.io/service-proxy-name", "mesh");
        if (random.Next(15) == 0)
            labels = labels.Add("service.kubernetes.io/headless", "");
        return new()
        {
            Metadata = Meta(labels) with { CreationTimestamp = Age() },
            Spec = new()
            {
                ClusterIP = ip,
                ClusterIPs = ips,
                Ports = Ports((name, port, protocol) => new ServicePort { Name = name, Port = port, Protocol = protocol }),
                InternalTrafficPolicy = random.Next(4) == 0 ? TrafficPolicy.Local : TrafficPolicy.Cluster,
                Type = random.Next(12) == 0 ? ServiceType.ExternalName : ServiceType.ClusterIP,
            },
        };
    }

    private EndpointSlice Slice()
    {
        var isIPv6 = random.Next(4) == 0;
        var labels = ImmutableDictionary<string, string>.Empty;
        if (random.Next(10) != 0)
            labels = labels.Add(EndpointSlice.ServiceNameLabel, Pick(s_names)!);
        return new()
        {
            Metadata = Meta(labels),
            AddressType = random.Next(20) == 0 ? AddressType.Fqdn : isIPv6 ? AddressType.IPv6 : AddressType.IPv4,
            Ports = Ports((name, port, protocol) =>
                new EndpointPort { Name = name, Port = random.Next(12) == 0 ? null : port, Protocol = protocol }),
            Endpoints = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Endpoint(isIPv6))],
        };
    }

    private Endpoint Endpoint(bool isIPv6)
    {
        var address = random.Next(40) == 0 ? "127.0.0.1" : isIPv6 ? $"fd01::{random.Next(1, 4)}" : $"10.1.0.{random.Next(1, 4)}";
        return new() { Addresses = [address], Conditions = new(Maybe(), Maybe(), Maybe()), NodeName = Pick(s_nodes) };
    }

    private ImmutableArray<T> Ports<T>(Func<string, int, L4Protocol, T> make)
    {
        var ports = ImmutableArray.CreateBuilder<T>();
        var count = random.Next(1, 4);

        // Where there are several ports each has a name of its own; where there is one it may have none.
        for (var i = 0; i < count; i++)
            ports.Add(make(count == 1 ? Pick(s_portNames)! : s_portNames[i + 1], random.Next(80, 82) + i, Pick(s_protocols)));
        return ports.ToImmutable();
    }

    private ObjectMeta Meta(ImmutableDictionary<string, string> labels) =>
        new() { Name = Pick(s_names)!, Namespace = random.Next(5) == 0 ? "other" : "default", Labels = labels };

    private DateTimeOffset? Age() => random.Next(3) == 0 ? null : s_start.AddDays(random.Next(3));

    private bool? Maybe() => random.Next(3) switch { 0 => null, 1 => true, _ => false };

    private T Pick<T>(T[] items) => items[random.Next(items.Length)];
}
