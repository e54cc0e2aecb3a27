using System.Collections.Immutable;
using Datapath.Kernel.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>Objects made at random.</summary>
internal sealed class SoakObjects(Random random)
{
    public const string Node = "node";
    public const string Namespace = "soak";
    private static readonly string[] s_apps = ["a", "b", "c", "none"];
    private static readonly string[] s_weights = ["0", "1", "50", "300"];
    private static readonly string[] s_selectors = ["app=a", "app=b", "app=c", "app in (a,b)"];

    /// <summary>A pod of a number that no policy leads to.</summary>
    public static Pod Client(int number) => Pod(number, "none").Build();

    /// <summary>A pod of a number that policies may lead to, ready three times of four.</summary>
    public Pod Server(int number) => Pod(number, s_apps[random.Next(s_apps.Length)]).Ready(random.Next(4) > 0).Build();

    /// <summary>A service at the addresses of a number, with its slices.</summary>
    public ImmutableArray<KubernetesObject> Service(string name, int number)
    {
        var builder = new ServiceBuilder(Namespace, name)
            .ClusterIP(ServiceLab.ServiceV4(number).ToString(), ServiceLab.ServiceV6(number).ToString())
            .Port(ServiceLab.ServicePort, ServiceLab.BackendPort, L4Protocol.Tcp, "tcp").Port(ServiceLab.ServicePort, ServiceLab.BackendPort, L4Protocol.Udp, "udp");
        if (random.Next(4) == 0)
            builder = builder.With(static spec => spec with { SessionAffinity = SessionAffinity.ClientIP, SessionAffinityTimeoutSeconds = 60 });
        var pods = (int[])SoakAddresses.Servers.Clone();
        random.Shuffle(pods);
        foreach (var pod in pods[..random.Next(pods.Length)])
        {
            var backend = new ServiceBackend(PodNetwork.V4(pod).ToString()) { NodeName = Node, State = State() };
            builder = builder.Backend(backend).Backend(backend with { Address = PodNetwork.V6(pod).ToString() });
        }

        return [.. builder.Build().SelectMany(item => item is EndpointSlice slice ? Weighted(slice) : (IEnumerable<KubernetesObject>)[item])];
    }

    /// <summary>A policy for one or two destinations.</summary>
    public ClusterLocalRedirectPolicy Policy(string name)
    {
        var builder = new RedirectBuilder(name, Namespace, s_selectors[random.Next(s_selectors.Length)])
            .ToPort(ServiceLab.BackendPort, L4Protocol.Tcp, "tcp").ToPort(ServiceLab.BackendPort, L4Protocol.Udp, "udp");
        for (var count = random.Next(1, 3); count > 0; count--)
            AddDestination(builder);
        if (random.Next(3) == 0)
            builder = builder.SkipFromBackend();
        if (random.Next(3) == 0)
            builder = builder.DropWithoutBackend();
        return builder.With(policy => policy with { ClientSelector = Clients(), Priority = random.Next(-1, 3) }).Build();
    }

    private static PodBuilder Pod(int number, string app) => new PodBuilder(Namespace, $"pod-{number}")
        .Label("app", app).Label("role", $"client-{number}").OnNode(Node)
        .Address(PodNetwork.V4(number).ToString()).Address(PodNetwork.V6(number).ToString());

    private void AddDestination(RedirectBuilder builder)
    {
        var number = random.Next(SoakAddresses.Services) + 1;
        switch (random.Next(4))
        {
            case 0:
                AddPorts(builder, SoakAddresses.PolicyV4((number % SoakAddresses.PolicyAddresses) + 1).ToString());
                AddPorts(builder, SoakAddresses.PolicyV6((number % SoakAddresses.PolicyAddresses) + 1).ToString());
                break;
            case 1:
                foreach (var range in SoakAddresses.Ranges)
                    AddPorts(builder, range, SoakAddresses.RangeLastPort);
                break;
            default:
                _ = builder.Service(Namespace, $"web-{number}");
                break;
        }
    }

    private static void AddPorts(RedirectBuilder builder, string address, int? lastPort = null)
    {
        foreach (var (protocol, name) in new[] { (L4Protocol.Tcp, "tcp"), (L4Protocol.Udp, "udp") })
            _ = builder.Address(address, SoakAddresses.RangeFirstPort, protocol, lastPort, name);
    }

    private ClientSelector Clients() => random.Next(5) switch
    {
        0 => new() { Include = [new() { Pods = new(ImmutableDictionary<string, string>.Empty.Add("role", "client-1")) }] },
        1 => new() { Include = [new() { HostProcesses = true }] },
        2 => new() { Exclude = [new() { Pods = new(ImmutableDictionary<string, string>.Empty.Add("role", "client-2")) }] },
        _ => ClientSelector.Everybody,
    };

    private BackendState State() => random.Next(10) switch
    {
        0 => BackendState.Maintenance,
        1 => BackendState.Terminating,
        2 => BackendState.TerminatingNotServing,
        _ => BackendState.Active,
    };

    /// <summary>Gives the first endpoint a slice of its own with another weight, sometimes.</summary>
    private IEnumerable<EndpointSlice> Weighted(EndpointSlice slice)
    {
        if (random.Next(2) == 0)
            return [slice];
        var weight = s_weights[random.Next(s_weights.Length)];
        return
        [
            slice with { Endpoints = slice.Endpoints[1..] },
            slice with
            {
                Metadata = slice.Metadata with
                {
                    Name = $"{slice.Metadata.Name}-weighted",
                    Annotations = slice.Metadata.Annotations.SetItem(EndpointSlice.WeightAnnotation, weight),
                },
                Endpoints = slice.Endpoints[..1],
            },
        ];
    }
}
