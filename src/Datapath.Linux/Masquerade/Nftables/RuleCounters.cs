namespace Datapath.Linux.Masquerade;

/// <summary>The counters of the table: of flows, since only the first packet of a flow is asked about.</summary>
internal static class RuleCounters
{
    /// <summary>Flows that were to be translated.</summary>
    public const string Flows = nameof(Flows);

    /// <summary>All of them: by the rule that decided, and the sum of those that are translated. Replies are never asked about.</summary>
    public static IEnumerable<string> Names =>
        Enum.GetValues<MasqueradeReason>().Where(static reason => reason is not MasqueradeReason.Reply).Select(static reason => reason.ToString()).Prepend(Flows);
}
