using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Datapath.Agent.Output;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>status</c>: how everything stands.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status", "Tells whether an agent runs, what it refused, how the parts of the datapath stand and why, which programs are attached and what they counted. No agent and nothing pinned: exit code 4; something refused or without effect, as pins that are gone, or not synced yet: exit code 1.")
        {
            CommonOptions.Config,
            CommonOptions.BpfRoot,
            CommonOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        var agent = await AgentSocket.ReadAsync(bpfRoot, cancellationToken).ConfigureAwait(false);
        var isThere = PinnedDatapath.Exists(bpfRoot);
        var fault = isThere ? Pins.FindFault(bpfRoot, agent?.Pid) : null;
        var isPinned = isThere && fault is null;
        var report = new StatusReport(
            agent,
            bpfRoot,
            isPinned ? PinnedDatapath.ReadHooks(bpfRoot) : ImmutableSortedDictionary<string, ulong>.Empty,
            isPinned ? PinnedDatapath.Read(bpfRoot).Length : agent?.Services.Sum(static s => s.Frontends.Count(static f => f.Id is not null)) ?? 0,
            isPinned ? PinnedDatapath.ReadRanges(bpfRoot).Length : agent?.Ranges ?? 0,
            isPinned ? PinnedDatapath.ReadCounters(bpfRoot) : agent?.Counters ?? ImmutableSortedDictionary<string, long>.Empty)
        {
            ManagedBy = isThere ? PinnedDatapath.FindManager(bpfRoot) : null,
            PinFault = fault,
        };
        if (CommonOptions.IsJson(arguments))
            Json.Write(report, ReportJson.Readable.StatusReport);
        else
            Print(report, isPinned);
        if (agent is null && !isThere)
            return ExitCode.NothingThere;
        if (fault is not null || (isPinned && ProgramFault(report.Hooks) is not null))
            return ExitCode.Failed;
        return agent is null || (agent.IsSynced && agent.Failures.Count == 0 && agent.Faults.Count == 0 && !agent.Kubernetes.Any(static k => k.IsStale) && !agent.Features.Any(static f => f.State == FeatureWords.NotEffective)
                && !agent.Diagnostics.Any(static d => d.Severity == "Error")
                && !agent.NotInForce.Any(static o => o.Condition == "Rejected"))
            ? ExitCode.Done
            : ExitCode.Failed;
    }

    private static void Print(StatusReport report, bool isPinned)
    {
        var facts = new List<(string, string)> { ("Agent:", Describe(report.Agent)) };
        if (report.Agent is { } agent)
        {
            facts.Add(("Serves:", agent.Serves));
            facts.Add(("Self-test:", agent.SelfTest ?? "not yet"));
            facts.AddRange(agent.Kubernetes.Select(static (k, i) => (i == 0 ? "Cluster:" : "", Describe(k))));
            facts.AddRange(agent.Faults.Select(static (f, i) => (i == 0 ? "Faults:" : "", f)));
            facts.AddRange(agent.Features.Select(static (f, i) => (i == 0 ? "Features:" : "", $"{f.Name}: {f.State}: {f.Reason}")));
            facts.Add(("Services:", Count(agent.Services.Select(static s => s.Condition)) + NotWhole(agent.Services.Count(static s => s.Frontends.Any(static f => f.Error is not null)))));
            facts.Add(("Policies:", Count(agent.Policies.Select(static p => p.Condition)) + NotWhole(agent.Policies.Count(static p => p.Error is not null))));
            facts.AddRange(agent.NotInForce.Select(static (o, i) => (i == 0 ? "Not in force:" : "", Describe(o))));
            facts.Add(("Not applied:", agent.Failures.Count == 0 ? "nothing" : agent.Failures[0]));
            facts.AddRange(agent.Failures.Skip(1).Select(static f => ("", f)));
            facts.AddRange(agent.Diagnostics.Select(static (d, i) => (i == 0 ? "Manifests:" : "", $"{d.Severity.ToLowerInvariant()}: {Screen.Describe(d)}")));
        }

        facts.Add(("Pins:", report.PinFault ?? (isPinned ? report.BpfRoot : $"none in {report.BpfRoot}")));
        if (report.Agent is null && (isPinned || report.PinFault is not null))
            facts.Add(("Managed by:", report.ManagedBy is { } process ? $"process {process}, which is no agent that can be asked" : "nobody"));
        if (isPinned)
            facts.Add(("Programs:", ProgramFault(report.Hooks) ?? $"{report.Hooks.Count} attached"));

        facts.Add(("Frontends:", report.Frontends.ToString(CultureInfo.InvariantCulture)));
        facts.Add(("Ranges:", report.Ranges.ToString(CultureInfo.InvariantCulture)));
        facts.AddRange(report.Counters.Select(static (c, i) => (i == 0 ? "Counters:" : "", $"{c.Key} {c.Value}")));
        Screen.Facts(facts);
    }

    // A link without a cgroup runs nowhere.
    private static string? ProgramFault(IReadOnlyDictionary<string, ulong> hooks)
    {
        if (hooks.Count == 0)
            return "none pinned; not effective, since nothing keeps them attached";
        string[] gone = [.. hooks.Where(static h => h.Value == 0).Select(static h => h.Key)];
        return gone.Length == 0 ? null : $"{hooks.Count} pinned; not effective, since they were detached or their cgroup was removed: {string.Join(", ", gone)}";
    }

    private static string Count(IEnumerable<string> conditions) =>
        string.Join(", ", conditions.CountBy(static c => c).OrderBy(static c => c.Key).Select(static c => $"{c.Value} {c.Key}")) is { Length: > 0 } counts ? counts : "none";

    private static string NotWhole(int count) => count == 0 ? "" : $"; {count} of them NOT APPLIED, wholly or in part";

    private static string Describe(ObjectRow row) =>
        $"{row.Kind} {(row.Namespace.Length == 0 ? "" : row.Namespace + "/")}{row.Name}: {row.Condition}: {row.Message}";

    private static string Describe(KindRow kind) =>
        $"{kind.Kind}: {kind.State}, {kind.Objects} objects{(kind.IsStale ? $", STALE, last contact {kind.LastContact?.ToString("u", CultureInfo.InvariantCulture) ?? "never"}" : "")}{(kind.Problem is null ? "" : $": {kind.Problem}")}";

    private static string Describe(AgentReport? agent) => agent switch
    {
        null => "not running",
        { IsSynced: false } => $"process {agent.Pid}, waiting for the initial objects",
        _ => $"process {agent.Pid}, step {agent.Generation} applied at {agent.AppliedAt?.ToString("u", CultureInfo.InvariantCulture)}",
    };
}
