using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Checks the options of the machine.</summary>
internal static class NodeOptionsCheck
{
    public static IEnumerable<string> Check(DatapathOptions options, string hostName)
    {
        foreach (var (index, address) in (options.Node.Addresses ?? []).Index())
        {
            if (OptionWords.OfNodeAddress($"node:addresses:{index}", address) is { } mistake)
                yield return mistake;
        }

        foreach (var mistake in OptionWords.OfRanges("nodePort:addresses", options.NodePort.Addresses))
            yield return mistake;
        var ports = options.NodePort.Range;
        if (ports.First == 0 || ports.Last < ports.First)
            yield return $"nodePort:range: '{ports}' must begin with 1 or more and must not end before that";
        if (!options.EnableIPv4 && !options.EnableIPv6)
            yield return "ipv6:enabled: must be true if ipv4:enabled is false";
        if (string.IsNullOrWhiteSpace(options.Node.Name))
            yield return "node:name: must not be empty";
        if (options.LoadBalancer.HealthCheckAnnotation is { } annotation && string.IsNullOrWhiteSpace(annotation))
            yield return "loadBalancer:healthCheckAnnotation: must not be empty";
        foreach (var diagnostic in PolicyCompiler.Check(NamesOf(options, hostName)))
            yield return (diagnostic with { Field = KeyOf(diagnostic.Field ?? "node") }).ToString();
    }

    // What is empty was told, and has a good name in its place here. The machine's own host name may be none of a node: nobody asked for it, and no object means it.
    private static NodeConfiguration NamesOf(DatapathOptions options, string hostName) => new()
    {
        Name = string.IsNullOrWhiteSpace(options.Node.Name) || (options.Node.Name == hostName && !options.Kubernetes.Enabled) ? "host" : options.Node.Name,
        Labels = ImmutableDictionary.CreateRange(options.Node.Labels),
        Zone = options.Node.Zone,
        HealthCheckAnnotation = string.IsNullOrWhiteSpace(options.LoadBalancer.HealthCheckAnnotation) ? null : options.LoadBalancer.HealthCheckAnnotation,
    };

    private static string KeyOf(string field) => field switch
    {
        nameof(NodeConfiguration.HealthCheckAnnotation) => "loadBalancer:healthCheckAnnotation",
        _ when field.EndsWith(']') => $"node:labels:{field[(field.IndexOf('[', StringComparison.Ordinal) + 1)..^1]}",
        _ => $"node:{char.ToLowerInvariant(field[0])}{field[1..]}",
    };
}
