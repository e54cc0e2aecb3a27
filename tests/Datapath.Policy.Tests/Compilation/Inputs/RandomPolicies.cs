using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Random redirect policies.</summary>
internal static class RandomPolicies
{
    public static CiliumLocalRedirectPolicy Namespaced(Random random)
    {
        var meta = random.Meta(annotations: random.Labels(
            (CiliumLocalRedirectPolicy.OnNoBackendAnnotation, "drop", 3), (CiliumLocalRedirectPolicy.OnNoBackendAnnotation, "stop", 100)));
        return new()
        {
            Metadata = meta,
            Frontend = random.Once(3)
                ? new() { AddressMatcher = new() { IP = random.Address, ToPorts = Ports(random, random.Next(1, 3)) } }
                : new() { ServiceMatcher = Matcher(random, random.Once(80) ? "other" : meta.Namespace) },
            Backend = new() { LocalEndpointSelector = random.Selector(), ToPorts = Ports(random, random.Next(1, 3)) },
            SkipRedirectFromBackend = random.Once(3),
        };
    }

    public static ClusterLocalRedirectPolicy Clusterwide(Random random)
    {
        var ports = random.Once(3) ? [] : Ports(random, random.Next(1, 3));
        return new()
        {
            Metadata = random.Meta(),
            Frontends = random.Few(1, 2, () => Frontend(random, ports)),
            Backend = new()
            {
                Namespace = random.Namespace,
                Selector = random.Selector(),
                Ports = ports,
                BackendAddress = random.Once(6) ? random.PodAddress : null,
            },
            ClientSelector = new()
            {
                Include = random.Once(2) ? random.Few(1, 2, () => Peer(random)) : [],
                Exclude = random.Once(3) ? random.Few(1, 2, () => Peer(random)) : [],
            },
            OnNoBackend = random.Once(3) ? NoBackendAction.Drop : NoBackendAction.Fallback,
            SkipRedirectFromBackend = random.Once(3),
            Priority = random.Once(2) ? 0 : random.Next(-1, 2),
        };
    }

    private static RedirectServiceMatcher Matcher(Random random, string ns) =>
        new() { ServiceName = random.Name, Namespace = ns, ToPorts = Ports(random, random.Next(0, 3)) };

    /// <summary>The names are as those of services, so that pairs come about; several ports are nearly always named.</summary>
    private static ImmutableArray<RedirectPort> Ports(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Port(random, count > 1 || !random.Once(5), i))];

    private static RedirectPort Port(Random random, bool isNamed, int index) => new()
    {
        Name = !isNamed || random.Once(60) ? "" : random.Once(3) ? random.PortNameAt(index).ToUpperInvariant() : random.PortNameAt(index),
        Port = random.PortAt(index),
        Protocol = random.Protocol,
    };

    private static ClusterRedirectFrontend Frontend(Random random, ImmutableArray<RedirectPort> backend)
    {
        var isService = random.Once(2);
        return new()
        {
            Addresses = isService ? [] : random.Few(1, 2, () => Addresses(random)),
            Service = isService ? new(random.Namespace, random.Name) : null,
            Ports = random.Few(isService ? 0 : 1, 2, index => FrontendPort(random, index, backend)),
        };
    }

    private static string Addresses(Random random) => random.Next(8) switch
    {
        < 3 => random.Once(3) ? "10.0.0.0/9" : "10.0.0.0/8",
        3 => "fd00::/16",
        4 => "192.0.2.1/32",
        5 => random.Once(4) ? "10.0.0.1/8" : random.Pick("0.0.0.0/0", "::/0"),
        6 when random.Once(4) => random.Pick("127.0.0.0/8", "127.0.0.1", "::1", "126.0.0.0/7"),
        _ => random.Address,
    };

    private static ClusterFrontendPort FrontendPort(Random random, int index, ImmutableArray<RedirectPort> backend)
    {
        var port = random.PortAt(index);
        var target = backend.IsEmpty ? null : backend[random.Next(backend.Length)];
        return new()
        {
            Port = port,
            EndPort = random.Once(4) ? port + random.Next(2) : null,
            Protocol = target?.Protocol ?? random.Protocol,
            BackendPort = target is not null && (backend.Length > 1 || random.Once(2)) ? target.Name : "",
        };
    }

    private static ClientPeer Peer(Random random) => random.Next(4) switch
    {
        0 => new() { HostProcesses = true },
        1 => new() { Pods = random.Selector() },
        2 => new() { Namespaces = random.Selector(random.Once(2) ? "app" : Namespace.NameLabel) },
        _ => new() { Namespaces = random.Selector(), Pods = random.Selector() },
    };
}
