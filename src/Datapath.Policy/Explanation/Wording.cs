using System.Globalization;

namespace Datapath.Policy;

/// <summary>Words that several steps and differences use.</summary>
internal static class Wording
{
    private const string PolicySuffix = ":local-redirect";
    private const string HostPortInfix = ":host-port:";

    /// <summary>What a service of the desired state is: a service, a policy or the host port of a pod.</summary>
    public static string Describe(ServiceName name)
    {
        if (name.Name.EndsWith(PolicySuffix, StringComparison.Ordinal))
            return $"policy {PolicyOf(name)}";
        var infix = name.Name.IndexOf(HostPortInfix, StringComparison.Ordinal);
        return infix < 0 ? $"service {name}" : $"pod {name.Namespace}/{name.Name[..infix]}";
    }

    /// <summary>The name of a policy, from that of the service that it stands for.</summary>
    public static string PolicyOf(ServiceName pseudoService)
    {
        var name = pseudoService.Name[..pseudoService.Name.LastIndexOf(':')];
        return pseudoService.Namespace.Length == 0 ? name : $"{pseudoService.Namespace}/{name}";
    }

    public static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    public static string Family(L4Address address) => address.IsIPv4 ? "IPv4" : "IPv6";

    public static string Upper(L4Protocol protocol) => protocol.ToString().ToUpperInvariant();

    public static bool IsSameIP(this L4Address left, L4Address right) => left.WithPort(0, L4Protocol.Tcp) == right.WithPort(0, L4Protocol.Tcp);
}
