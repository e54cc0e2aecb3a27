using System.Globalization;
using System.Net;

namespace Datapath.Operator.Rollouts;

/// <summary>Says what is wrong with a rollout: field, value and reason. What another object has to do with it the datapath says.</summary>
internal static class RolloutCheck
{
    private const int MostBackends = 500; // so that weights fit, see RolloutPlan
    private const int LongestDrain = 3600;

    public static IEnumerable<string> Check(RolloutSpec spec)
    {
        if (spec.Addresses.Count == 0)
            yield return "spec.addresses: [] must have an address";
        foreach (var (path, lists) in ((string, List<string>)[])[("addresses", spec.Addresses), ("stable", spec.Stable), ("canary", spec.Canary)])
        {
            if (lists.Count > MostBackends)
                yield return Say($"spec.{path}: has {lists.Count} entries, the most are {MostBackends}");
            foreach (var (i, address) in lists.Index())
            {
                if (!IPAddress.TryParse(address, out _))
                    yield return Say($"spec.{path}[{i}]: '{address}' is no IP address");
            }
        }

        if (spec.Port is < 1 or > IPEndPoint.MaxPort)
            yield return Say($"spec.port: {spec.Port} must be 1 to {IPEndPoint.MaxPort}");
        if (spec.TargetPort is < 1 or > IPEndPoint.MaxPort)
            yield return Say($"spec.targetPort: {spec.TargetPort} must be 1 to {IPEndPoint.MaxPort}");
        if (spec.Weight is < 0 or > 100)
            yield return Say($"spec.weight: {spec.Weight} must be 0 to 100 (percent)");
        else if (spec is { Weight: > 0, Canary.Count: 0 })
            yield return Say($"spec.weight: {spec.Weight} must be 0 without spec.canary");
        else if (spec is { Weight: < 100, Stable.Count: 0 })
            yield return Say($"spec.weight: {spec.Weight} must be 100 without spec.stable");
        if (spec.DrainSeconds is < 0 or > LongestDrain)
            yield return Say($"spec.drainSeconds: {spec.DrainSeconds} must be 0 to {LongestDrain}");
        foreach (var twice in spec.Stable.Concat(spec.Canary).GroupBy(RolloutPlan.Canonical).Where(static same => same.Count() > 1))
            yield return $"spec.stable, spec.canary: '{twice.Key}' must be there once";
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
