using System.Globalization;

namespace Datapath.Policy;

/// <summary>What all frontends of a ClusterLocalRedirectPolicy are together: how many, and whether they agree.</summary>
internal static class ClusterTargetValidator
{
    private const int MostTargets = 10_000;
    private const string Field = "spec.frontends";

    public static void Validate(ReadOnlySpan<ClusterRedirectFrontend> frontends, ReadOnlySpan<RedirectPort> backend, IssueList issues)
    {
        var count = 0L;
        foreach (var frontend in frontends)
            count += frontend.Addresses.AsSpan().Length * (long)frontend.Ports.AsSpan().Length;
        if (count > MostTargets)
        {
            issues.Error(
                Field, count.ToString(CultureInfo.InvariantCulture),
                $"is the number of addresses times ports, at most {MostTargets} are allowed: a range (10.0.0.0/8, endPort) counts once");
        }
        else if (frontends.Length > 1)
        {
            ValidatePairs(frontends, backend, issues);
        }
    }

    /// <summary>The same address and port must not lead to different ports of the backends. Other ranges that overlap have an order of their own.</summary>
    private static void ValidatePairs(ReadOnlySpan<ClusterRedirectFrontend> frontends, ReadOnlySpan<RedirectPort> backend, IssueList issues)
    {
        var seen = new Dictionary<(string Place, int First, int Last, L4Protocol Protocol), (int BackendPort, int Frontend, int Port)>();
        for (var i = 0; i < frontends.Length; i++)
        {
            foreach (var place in PlacesOf(frontends[i]))
            {
                var ports = frontends[i].Ports.AsSpan();
                for (var j = 0; j < ports.Length; j++)
                {
                    var pair = ClusterRedirect.PairOf(ports[j], backend);
                    var key = (place, ports[j].Port, ports[j].EndPort ?? ports[j].Port, ports[j].Protocol);
                    if (!seen.TryAdd(key, (pair, i, j)) && seen[key] is var other && other.BackendPort != pair)
                    {
                        issues.Error(
                            $"{Field}[{i}].ports[{j}].backendPort", ports[j].BackendPort.Length == 0 ? null : ports[j].BackendPort,
                            $"contradicts {Field}[{other.Frontend}].ports[{other.Port}], from which {place} leads to another port");
                    }
                }
            }
        }
    }

    private static IEnumerable<string> PlacesOf(ClusterRedirectFrontend frontend)
    {
        if (frontend.Service is { } service)
            yield return $"service {service.Namespace}/{service.Name}";
        foreach (var text in frontend.Addresses.IsDefault ? [] : frontend.Addresses)
        {
            if (IPRange.TryParseAny(text, out var range, out _))
                yield return range.ToString();
        }
    }
}
