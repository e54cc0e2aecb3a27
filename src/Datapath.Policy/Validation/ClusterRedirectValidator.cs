using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Policy;

/// <summary>The checks of a ClusterLocalRedirectPolicy.</summary>
internal static class ClusterRedirectValidator
{
    private const int MostFrontends = 100;
    private const int MostAddresses = 1000;
    private const int MostPorts = 100;
    private const int MostPeers = 100;
    private const int HighestPriority = 1000;
    private const string BackendField = "spec.backend";

    public static void Validate(ClusterLocalRedirectPolicy policy, IssueList issues)
    {
        ObjectValidator.ValidateSubdomainName(policy.Metadata, issues);
        if (policy.Priority is < -HighestPriority or > HighestPriority)
            issues.Error("spec.priority", Text(policy.Priority), $"must be -{HighestPriority} to {HighestPriority}");
        if (policy.OnNoBackend is < NoBackendAction.Fallback or > NoBackendAction.Drop)
            issues.Error("spec.onNoBackend", policy.OnNoBackend.ToString(), "must be fallback or drop");
        ValidateBackend(policy.Backend, issues);
        var frontends = Bounded(policy.Frontends, MostFrontends, "spec.frontends", issues);
        if (frontends.IsEmpty)
            issues.Error("spec.frontends", null, "needs at least one frontend");
        for (var i = 0; i < frontends.Length; i++)
            ValidateFrontend(frontends[i], $"spec.frontends[{i}]", policy.Backend, issues);
        ClusterTargetValidator.Validate(frontends, policy.Backend.Ports.AsSpan(), issues);
        ValidatePeers(policy.ClientSelector.Include, "spec.clientSelector.include", issues);
        ValidatePeers(policy.ClientSelector.Exclude, "spec.clientSelector.exclude", issues);
    }

    private static void ValidateBackend(ClusterRedirectBackend backend, IssueList issues)
    {
        if (!NameRules.IsLabel(backend.Namespace))
            issues.Error(BackendField + ".namespace", backend.Namespace, NameRules.LabelRule);
        if (backend.Selector.IsEmpty)
            issues.Error(BackendField + ".selector", null, "needs at least one label or expression: not every pod of a namespace is meant");
        LabelSelectorValidator.Validate(backend.Selector, BackendField + ".selector", issues);
        var ports = Bounded(backend.Ports, MostPorts, BackendField + ".ports", issues);
        RedirectPortValidator.Validate(ports, BackendField + ".ports", ports.Length > 1, "there is more than one backend port", issues);
        for (var i = 1; i < ports.Length; i++)
        {
            if (ports[i].Name.Length > 0 && FindByName(ports[..i], ports[i].Name) >= 0)
                issues.Error($"{BackendField}.ports[{i}].name", ports[i].Name, "is already the name of another port");
        }

        if (backend.BackendAddress is { } text && ReasonAgainstBackend(text) is { } reason)
            issues.Error(BackendField + ".backendAddress", text, reason);
    }

    private static string? ReasonAgainstBackend(string text)
    {
        if (!IPValue.TryParse(text, out var address))
            return "must be an IP address";
        return address switch
        {
            { IsUnspecified: true } => "must not be the unspecified address",
            { IsMulticast: true } => "must not be a multicast address",
            { IsLoopback: true } => "must not be a loopback address: in each pod that is the pod itself",
            { IsIPv4Mapped: true } => "must not be an IPv4-mapped address: write it as IPv4",
            _ => null,
        };
    }

    private static void ValidateFrontend(ClusterRedirectFrontend frontend, string field, ClusterRedirectBackend backend, IssueList issues)
    {
        var addresses = Bounded(frontend.Addresses, MostAddresses, field + ".addresses", issues);
        if (addresses.IsEmpty == (frontend.Service is null))
            issues.Error(field, null, addresses.IsEmpty ? "needs addresses or a service" : "must have only one of addresses and service");
        for (var i = 0; i < addresses.Length; i++)
            ValidateAddress(addresses[i], $"{field}.addresses[{i}]", issues);
        if (frontend.Service is { } service && !NameRules.IsLabel(service.Name))
            issues.Error(field + ".service.name", service.Name, NameRules.LabelRule);
        if (frontend.Service is { } other && !NameRules.IsLabel(other.Namespace))
            issues.Error(field + ".service.namespace", other.Namespace, NameRules.LabelRule);
        var ports = Bounded(frontend.Ports, MostPorts, field + ".ports", issues);
        if (ports.IsEmpty && !addresses.IsEmpty)
            issues.Error(field + ".ports", null, "needs at least one port; all of them are port 1, endPort 65535");
        for (var i = 0; i < ports.Length; i++)
            ValidatePort(ports, i, $"{field}.ports[{i}]", backend, issues);
    }

    private static void ValidateAddress(string text, string field, IssueList issues)
    {
        if (!IPRange.TryParseAny(text, out var range, out var isExact))
            issues.Error(field, text, "must be an IP address or a range in CIDR form, for example 169.254.169.254 or 10.0.0.0/8");
        else if (!isExact)
            issues.Error(field, text, $"has bits beyond its prefix: write {range}");
        else if (range.First.IsMulticast)
            issues.Error(field, text, "must not be a multicast address");
        else if (range.First.IsUnspecified && range.Length == range.First.BitCount)
            issues.Error(field, text, "must not be the unspecified address");
    }

    private static void ValidatePort(
        ReadOnlySpan<ClusterFrontendPort> ports, int index, string field, ClusterRedirectBackend backend, IssueList issues)
    {
        var port = ports[index];
        RedirectPortValidator.ValidateNumber(port.Port, field + ".port", issues);
        RedirectPortValidator.ValidateProtocol(port.Protocol, field + ".protocol", issues);
        if (port.EndPort is { } end && (end < port.Port || end > 65535))
            issues.Error(field + ".endPort", Text(end), $"must be {port.Port} (the port that the range starts with) to 65535");
        for (var i = 0; i < index; i++)
        {
            if (ports[i].Protocol == port.Protocol && ports[i].Port <= (port.EndPort ?? port.Port) && port.Port <= (ports[i].EndPort ?? ports[i].Port))
                issues.Error(field + ".port", Text(port.Port), $"overlaps with ports[{i}] of the same protocol");
        }

        ValidatePairing(port, field, backend.Ports.AsSpan(), issues);
    }

    /// <summary>Each frontend port leads to exactly one backend port, and that is plain from the policy alone.</summary>
    private static void ValidatePairing(ClusterFrontendPort port, string field, ReadOnlySpan<RedirectPort> backend, IssueList issues)
    {
        if (port.BackendPort.Length > 0)
        {
            var found = FindByName(backend, port.BackendPort);
            if (found < 0)
                issues.Error(field + ".backendPort", port.BackendPort, $"is not the name of a port in {BackendField}.ports");
            else if (backend[found].Protocol != port.Protocol)
                issues.Error(field + ".backendPort", port.BackendPort, "has another protocol");
            return;
        }

        var fitting = 0;
        foreach (var candidate in backend)
            fitting += candidate.Protocol == port.Protocol ? 1 : 0;
        if (!backend.IsEmpty && fitting != 1)
        {
            issues.Error(
                field + ".backendPort", null, fitting == 0
                    ? $"has nothing to stand for: {BackendField}.ports has no port of this protocol"
                    : $"is required: {BackendField}.ports has several ports of this protocol");
        }
    }

    private static int FindByName(ReadOnlySpan<RedirectPort> ports, string name)
    {
        for (var i = 0; i < ports.Length; i++)
        {
            if (ports[i].Name == name)
                return i;
        }

        return -1;
    }

    private static void ValidatePeers(ImmutableArray<ClientPeer> list, string field, IssueList issues)
    {
        var peers = Bounded(list, MostPeers, field, issues);
        for (var i = 0; i < peers.Length; i++)
        {
            var peer = peers[i];
            var hasSelector = peer.Namespaces is not null || peer.Pods is not null;
            if (peer.HostProcesses == hasSelector)
                issues.Error($"{field}[{i}]", null, hasSelector ? "must have selectors or hostProcesses, not both" : "needs namespaces, pods or hostProcesses: true");
            if (peer.Namespaces is not null)
                LabelSelectorValidator.Validate(peer.Namespaces, $"{field}[{i}].namespaces", issues);
            if (peer.Pods is not null)
                LabelSelectorValidator.Validate(peer.Pods, $"{field}[{i}].pods", issues);
        }
    }

    /// <summary>Reports a list that is too long, and gives the items that are looked at.</summary>
    private static ReadOnlySpan<T> Bounded<T>(ImmutableArray<T> list, int most, string field, IssueList issues)
    {
        var items = list.AsSpan();
        if (items.Length <= most)
            return items;
        issues.Error(field, null, $"has {items.Length} items, at most {most} are allowed");
        return items[..most];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
