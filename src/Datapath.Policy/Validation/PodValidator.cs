using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks of a Pod, for the fields that are used.</summary>
internal static class PodValidator
{
    public static void Validate(Pod pod, IssueList issues)
    {
        ObjectValidator.ValidateSubdomainName(pod.Metadata, issues);
        ObjectValidator.ValidateNamespace(pod.Metadata, issues);
        foreach (var podSwitch in PodSwitch.All)
            podSwitch.Validate(pod, issues);
        if (!string.IsNullOrEmpty(pod.Spec.NodeName) && !NameRules.IsSubdomain(pod.Spec.NodeName))
            issues.Error("spec.nodeName", pod.Spec.NodeName, NameRules.SubdomainRule);
        ValidateContainers(pod.Spec.Containers, "spec.containers", issues);
        ValidateContainers(pod.Spec.InitContainers, "spec.initContainers", issues);
        ValidateStatus(pod.Status, issues);
    }

    private static void ValidateContainers(ImmutableArray<Container> containers, string list, IssueList issues)
    {
        for (var i = 0; i < containers.AsSpan().Length; i++)
        {
            var ports = containers[i].Ports.AsSpan();
            for (var j = 0; j < ports.Length; j++)
                ValidatePort(ports[j], list, (i, j), issues);
        }
    }

    private static void ValidatePort(ContainerPort port, string list, (int Container, int Port) index, IssueList issues)
    {
        if (port.Port is < 1 or > 65535)
            Error("containerPort", Text(port.Port), "must be 1 to 65535");
        if (port.HostPort is < 0 or > 65535)
            Error("hostPort", Text(port.HostPort), "must be 0 (none) to 65535");
        if (port.Name.Length > 0 && !NameRules.IsPortName(port.Name))
            Error("name", port.Name, NameRules.PortNameRule);
        if (!string.IsNullOrEmpty(port.HostIP) && ReasonAgainst(port.HostIP, mayBeAny: true) is { } reason)
            Error("hostIP", port.HostIP, reason);
        if (!ObjectValidator.IsKnown(port.Protocol))
            Error("protocol", port.Protocol.ToString(), "must be TCP, UDP or SCTP");

        void Error(string field, string value, string reason) =>
            issues.Error($"{list}[{index.Container}].ports[{index.Port}].{field}", value, reason);
    }

    private static void ValidateStatus(PodStatus status, IssueList issues)
    {
        if (status.Phase is < PodPhase.Pending or > PodPhase.Unknown)
            issues.Error("status.phase", status.Phase.ToString(), "is not a phase");
        if (!string.IsNullOrEmpty(status.PodIP))
            ValidateAddress(status.PodIP, "status.podIP", issues);
        var addresses = status.PodIPs.AsSpan();
        for (var i = 0; i < addresses.Length; i++)
            ValidateAddress(addresses[i], $"status.podIPs[{i}].ip", issues);
    }

    private static void ValidateAddress(string text, string field, IssueList issues)
    {
        if (ReasonAgainst(text, mayBeAny: false) is { } reason)
            issues.Error(field, text, reason);
    }

    private static string? ReasonAgainst(string text, bool mayBeAny)
    {
        if (!IPValue.TryParse(text, out var address))
            return "must be an IP address";
        return address switch
        {
            { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
            { IsMulticast: true } when !mayBeAny => "must not be a multicast address",
            { IsUnspecified: true } when !mayBeAny => "must not be the unspecified address",
            _ => null,
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
