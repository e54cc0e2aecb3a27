namespace Datapath.Policy;

/// <summary>Puts into words what became of a pod.</summary>
internal static class PodStatusWriter
{
    public static ObjectStatus? Of(PodEntry entry)
    {
        if (entry.Rejection is not null)
            return new(entry.Key, ObjectCondition.Rejected, 0, entry.Rejection);
        if (entry.Pod is null)
            return null;
        if (!entry.IsLocal)
            return new(entry.Key, ObjectCondition.Accepted, 0, "on another node");
        var served = 0;
        Claimant? obstacle = null;
        foreach (var port in entry.HostPorts)
        {
            served += port.Compiled?.Frontends.Length ?? 0;

            // The ports stand in the order in which they came to be wanted; the status must not tell of it.
            if (port.HeldBy is not null && (obstacle is null || port.Name < obstacle.Name))
                obstacle = port;
        }

        var note = obstacle is null ? null : $"{obstacle.HeldBy!.Description} holds {obstacle.HeldAddress}";
        if (served == 0)
            return new(entry.Key, note is null ? ObjectCondition.Accepted : ObjectCondition.Conflict, 0, note ?? "on this node");
        var text = Wording.Count(served, "host port frontend");
        return new(entry.Key, ObjectCondition.Active, served, note is null ? text : $"{text}; {note}") { IsPartial = note is not null };
    }
}
