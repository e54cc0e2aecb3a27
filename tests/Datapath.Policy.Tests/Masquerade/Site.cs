using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>A node with a pod in a cluster of two, both families alike, and short ways to ask what becomes of packets.</summary>
internal static class Site
{
    public const string Web = "10.244.1.7";
    public const string Web6 = "fd00:1::7";
    public const string Outside = "198.18.0.1";
    public const string Outside6 = "2001:db8::1";

    public static PodBuilder Pod { get; } = WebPod();

    public static MasqueradeInputs Inputs { get; } = new()
    {
        Configuration = new(),
        Node = new() { Name = "node-a", Addresses = [new(IPAddress.Parse("192.0.2.1")), new(IPAddress.Parse("2001:db8:2::1"))] },
        Nodes =
        [
            Node("node-a", "1", new(NodeAddress.InternalIP, "192.0.2.1"), new(NodeAddress.ExternalIP, "203.0.113.1")),
            Node("node-b", "2", new(NodeAddress.InternalIP, "192.0.2.2"), new(NodeAddress.ExternalIP, "203.0.113.2"), new(NodeAddress.InternalIP, "2001:db8:2::2")),
        ],
        Pods = [Pod.Build()],
    };

    public static PodBuilder WebPod() => new PodBuilder("shop", "web").OnNode("node-a").Address(Web).Address(Web6);

    public static Node Node(string name, string number, params ReadOnlySpan<NodeAddress> addresses) => new()
    {
        Metadata = new() { Name = name },
        PodCidrs = [$"10.244.{number}.0/24", $"fd00:{number}::/64"],
        Addresses = [.. addresses],
    };

    public static Namespace Shop(string annotation) =>
        new() { Metadata = new() { Name = "shop", Annotations = ImmutableDictionary<string, string>.Empty.Add(Policy.Pod.MasqueradeAnnotation, annotation) } };

    public static MasqueradeInputs With(Func<MasqueradeConfiguration, MasqueradeConfiguration> change) => Inputs with { Configuration = change(Inputs.Configuration) };

    public static NonMasqueradeList List(params ReadOnlySpan<string> ranges) => new() { Cidrs = Ranges(ranges) };

    public static ImmutableArray<IPNetwork> Ranges(params ReadOnlySpan<string> ranges)
    {
        var networks = ImmutableArray.CreateBuilder<IPNetwork>(ranges.Length);
        foreach (var range in ranges)
            networks.Add(IPNetwork.Parse(range));
        return networks.MoveToImmutable();
    }

    public static MasqueradePacket Packet(string from, string to, string? by = "veth0") => new(IPAddress.Parse(from), IPAddress.Parse(to)) { Interface = by };

    /// <summary>What becomes of a packet, for example <c>Keep (Reply)</c>.</summary>
    public static string Verdict(this MasqueradeInputs inputs, MasqueradePacket packet) => MasqueradeCompiler.Compile(inputs).State!.Decide(packet).Verdict.ToString();

    public static string Verdict(this MasqueradeInputs inputs, string from, string to, string? by = "veth0") => inputs.Verdict(Packet(from, to, by));

    /// <summary>What is said of the configuration, each as one line.</summary>
    public static string[] Problems(this MasqueradeInputs inputs) => [.. MasqueradeCompiler.Compile(inputs).Diagnostics.Select(static diagnostic => $"{diagnostic.Severity}: {diagnostic}")];

    public static string[] Remarks(this MasqueradeInputs inputs) => [.. MasqueradeCompiler.Compile(inputs).Remarks.Select(static remark => remark.ToString())];
}
