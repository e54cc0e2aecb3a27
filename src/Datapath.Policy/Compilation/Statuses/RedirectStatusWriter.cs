namespace Datapath.Policy;

/// <summary>Puts into words what became of a redirect policy.</summary>
internal static class RedirectStatusWriter
{
    /// <summary>How many services without anything to redirect are told one by one.</summary>
    private const int MostMissing = 3;

    public static ObjectStatus? Of(RedirectEntry entry, CompilerInputs inputs)
    {
        if (entry.Policy is null)
            return null;
        if (entry.Rejection is not null)
            return new(entry.Key, ObjectCondition.Rejected, 0, entry.Rejection);
        if (entry.Plan is null)
            return new(entry.Key, ObjectCondition.Skipped, 0, "local redirect is switched off on this node");
        var tally = RedirectTally.Of(entry, inputs);
        var parts = Parts(entry, tally);
        var condition = tally.Redirected > 0 ? ObjectCondition.Active
            : tally.Obstacle is not null ? ObjectCondition.Conflict
            : ObjectCondition.NoBackends;
        return new(entry.Key, condition, tally.Redirected + tally.Refused, string.Join("; ", parts))
        {
            IsPartial = condition is ObjectCondition.Active && parts.Count > 1,
            LacksPort = tally.Lack.HasFlag(BackendLack.Ports),
        };
    }

    private static List<string> Parts(RedirectEntry entry, RedirectTally tally)
    {
        var parts = new List<string>();
        if (tally.Redirected > 0)
            parts.Add($"redirects {Frontends(tally.Redirected)} to {BackendLacks.Pods(entry)}");
        if (tally.Obstacle is not null)
            parts.Add(tally.Obstacle);
        if (tally.Refused > 0)
            parts.Add($"{BackendLacks.Describe(tally.Lack, entry)}: dials to {Frontends(tally.Refused)} are refused");
        if (tally.LeftAlone > 0)
            parts.Add($"{BackendLacks.Describe(tally.Lack, entry)}: dials to {Frontends(tally.LeftAlone)} go where they would without the policy");
        parts.AddRange(tally.Missing.Take(MostMissing));
        if (tally.Missing.Count > MostMissing)
            parts.Add($"{tally.Missing.Count - MostMissing} more services have nothing to redirect");
        if (parts.Count == 0)
            parts.Add("the node has no addresses of this family: there is nothing to redirect");
        return parts;
    }

    private static string Frontends(int count) => Wording.Count(count, "frontend");
}
