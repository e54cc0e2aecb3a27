namespace Datapath.Policy;

/// <summary>Puts into words what became of a service and its slices.</summary>
internal static class ServiceStatusWriter
{
    private static readonly string[] s_counts = [.. Enumerable.Range(0, 9).Select(static count => Wording.Count(count, "frontend"))];

    /// <summary>Brings the statuses in line with what was compiled, and lists those that differ.</summary>
    public static void Update(ServiceEntry entry, List<ObjectStatus> changed)
    {
        var status = Of(entry);
        if (status != entry.Status)
        {
            entry.Status = status;
            if (status is not null)
                changed.Add(status);
        }

        var exists = entry.Plan is not null;
        string? message = null;
        foreach (var slice in entry.Slices)
        {
            message ??= exists ? $"endpoints of service {entry.Name}" : $"service {entry.Name} does not exist (yet) or is refused";
            if (slice.Status?.Message == message)
                continue;
            slice.Status = new(slice.Key, ObjectCondition.Accepted, 0, message);
            changed.Add(slice.Status);
        }
    }

    /// <summary>The status of a slice that belongs to no service.</summary>
    public static ObjectStatus WithoutService(EndpointSlice slice, string? rejection)
    {
        if (rejection is not null)
            return new(slice.Key, ObjectCondition.Rejected, 0, rejection);
        return slice.AddressType is AddressType.Fqdn
            ? new(slice.Key, ObjectCondition.Unsupported, 0, "addressType FQDN: the kernel needs addresses")
            : new(slice.Key, ObjectCondition.Skipped, 0, $"has no label {EndpointSlice.ServiceNameLabel}: it belongs to no service");
    }

    private static ObjectStatus? Of(ServiceEntry entry)
    {
        var key = new ObjectKey(ObjectKind.Service, entry.Name.Namespace, entry.Name.Name);
        if (entry.Rejection is not null)
            return new(key, ObjectCondition.Rejected, 0, entry.Rejection);
        if (entry.Plan is null)
            return null;
        if (entry.HeldBy is { } holder)
            return new(key, ObjectCondition.Conflict, 0, $"{holder.Description} holds {entry.HeldAddress}{HintOf(entry.Priority)}");
        if (entry.Plan.Message is not null)
            return new(key, entry.Plan.Condition, 0, entry.Plan.Message);
        return OfFrontends(key, entry, entry.Compiled!);
    }

    // Of the loser alone: the winner may come to have another age without a change of who wins.
    private static string HintOf(ClaimPriority loser) =>
        loser.Created == DateTimeOffset.MaxValue ? "; without metadata.creationTimestamp this one counts as the newest" : "";

    private static ObjectStatus OfFrontends(ObjectKey key, ServiceEntry entry, DesiredService service)
    {
        var tally = FrontendTally.Of(service);
        var family = FamilyHint.Of(entry);
        var count = service.Frontends.Length;
        var text = count < s_counts.Length ? s_counts[count] : Wording.Count(count, "frontend");
        if (tally.WithoutBackends == count)
        {
            var hint = PortNameHint.Of(entry);
            return new(key, ObjectCondition.NoBackends, count, $"{text} without a usable backend{hint}{(family.Length == 0 ? "" : hint.Length == 0 ? $": {family}" : $"; {family}")}")
            {
                LacksPort = hint.Length > 0,
                LacksFamily = family.Length > 0,
            };
        }

        if (tally.Redirected > 0)
            text += $", {tally.Redirected} of them redirected";
        if (tally.WithoutBackends > 0)
            text += $", {tally.WithoutBackends} of them without a usable backend";
        if (tally.Refused is { } refused)
            text += Refused(refused, count, "refused");
        if (tally.RefusedToSome is { } refusedToSome)
            text += Refused(refusedToSome, count, "refused to some clients");
        if (family.Length > 0)
            text += $"; {family}";
        var unserved = tally.WithoutBackends + (tally.Refused?.Count ?? 0);
        return unserved == count
            ? new(key, ObjectCondition.NoBackends, count, text) { LacksFamily = family.Length > 0 }
            : new(key, ObjectCondition.Active, count, text) { IsPartial = unserved > 0 || tally.RefusedToSome is not null, LacksFamily = family.Length > 0 };
    }

    private static string Refused(RefusedFrontends refused, int count, string what) =>
        $", {(refused.Count == count ? "" : $"{refused.Count} of them ")}{what} by policy {string.Join(", ", refused.Policies)}";
}
