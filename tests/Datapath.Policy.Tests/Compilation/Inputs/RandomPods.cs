using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Random pods, and the namespaces and nodes around them.</summary>
internal static class RandomPods
{
    public static Pod Pod(Random random) => new()
    {
        Metadata = random.Meta(random.Labels(("app", "a", 1), ("app", "b", 3), ("tier", random.Pick("x", "y"), 2)), SocketLb(random)) with
        {
            Uid = random.Once(4) ? null : random.Pick("1", "2"),
            DeletionTimestamp = random.Once(8) ? DateTimeOffset.UnixEpoch : null,
        },
        Spec = new()
        {
            NodeName = random.Once(12) ? null : random.NodeName,
            HostNetwork = random.Once(10),
            Containers = random.Few(random.Once(3) ? 0 : 1, 2, () => Container(random)),
            InitContainers = random.Once(4) ? [Container(random) with { IsSidecar = random.Once(2) }] : [],
        },
        Status = new()
        {
            Phase = random.Once(6) ? (PodPhase)random.Next(5) : PodPhase.Running,
            Conditions = Conditions(random),
            PodIP = random.Once(8) ? null : random.PodAddress,
            PodIPs = random.Few(0, 2, () => random.Next(200) switch { 0 => "10.0.0.300", 1 => "::ffff:10.1.0.1", _ => random.PodAddress }),
        },
    };

    public static Namespace Namespace(Random random) => new()
    {
        Metadata = new()
        {
            Name = random.Once(20) ? "No Name" : random.Namespace,
            Labels = random.Labels(("app", random.Pick("a", "b"), 2), (Policy.Namespace.NameLabel, random.Namespace, 3)).AddRange(SocketLb(random)),
            Annotations = SocketLb(random),
        },
    };

    public static Node Node(Random random) => new()
    {
        Metadata = new()
        {
            Name = random.Once(20) ? "No Name" : random.NodeName,
            Labels = random.Labels(
                (Policy.Node.ZoneLabel, random.Zone, 2), ("tier", random.Pick("x", "y"), 2),
                (ServiceAnnotations.NodeAnnotation, random.Pick("x", "y"), 2)),
        },
        Addresses = random.Few(0, 2, () => NodeAddress(random)),
    };

    /// <summary>Also one of another node, of the node itself or of none, and now and then one that something else has.</summary>
    private static NodeAddress NodeAddress(Random random) => random.Next(8) switch
    {
        0 => new("Hostname", random.NodeName),
        1 => new(Policy.NodeAddress.InternalIP, random.Pick("127.0.0.1", "0.0.0.0", "::1")),
        < 5 => new(Policy.NodeAddress.InternalIP, random.Pick("192.0.2.3", "fd00::3")),
        _ => new(random.Pick(Policy.NodeAddress.InternalIP, Policy.NodeAddress.ExternalIP), random.Address),
    };

    private static ImmutableDictionary<string, string> SocketLb(Random random) =>
        random.Labels((Policy.Pod.SocketLbAnnotation, random.Pick("enabled", "disabled", "disabled", random.Once(4) ? "Disabled" : "enabled"), 6));

    private static Container Container(Random random) => new() { Ports = random.Few(0, 2, index => Port(random, index)) };

    private static ContainerPort Port(Random random, int index) => new()
    {
        Name = random.Once(5) ? "" : random.PortNameAt(index),
        Port = random.Once(150) ? 0 : random.PortAt(index),
        HostPort = random.Next(10) switch { < 5 => 0, 5 => 30000, _ => random.Port },
        HostIP = random.Next(10) switch
        {
            < 5 => null,
            5 => random.Pick("0.0.0.0", "::"),
            6 => random.Pick("127.0.0.1", "::1", "127.0.0.2", random.Once(3) ? "::ffff:127.0.0.1" : "::1"),
            _ => random.Address,
        },
        Protocol = random.Once(20) ? L4Protocol.Sctp : random.Protocol,
    };

    private static ImmutableArray<PodCondition> Conditions(Random random) => random.Next(12) switch
    {
        0 => [],
        1 => [new(PodCondition.Ready, ConditionStatus.False)],
        2 => [new("Initialized", ConditionStatus.True), new(PodCondition.Ready, ConditionStatus.Unknown)],
        _ => [new(PodCondition.Ready, ConditionStatus.True)],
    };
}
