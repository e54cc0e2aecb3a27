using System.Collections.Immutable;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>Makes rows of what the library tells.</summary>
internal static class Rows
{
    /// <summary>The services, with what the kernel holds of them.</summary>
    public static IReadOnlyList<ServiceRow> Services(
        DesiredState state,
        IEnumerable<ObjectStatus> statuses,
        IEnumerable<ProgrammedFrontend> programmed,
        IReadOnlyList<ApplyFailure> failures)
    {
        var ids = programmed.ToDictionary(static f => f.Address, static f => f.Id);
        var errors = failures.GroupBy(static f => f.Frontend).ToDictionary(static g => g.Key, static g => g.First().Reason);
        var rows = new List<ServiceRow>();
        foreach (var status in statuses.Where(static s => s.Object.Kind is ObjectKind.Service).OrderBy(static s => s.Object))
        {
            var name = new ServiceName(status.Object.Namespace, status.Object.Name);
            var frontends = state.Services.TryGetValue(name, out var service) ? service.Frontends : [];
            rows.Add(new(
                name.ToString(),
                status.Condition.ToString(),
                status.Message,
                status.IsOutdated,
                [.. frontends.Where(f => IsForThisNode(f, frontends)).SelectMany(ServedAt).Select(f => Frontend(f, ids.TryGetValue(f.Address, out var id) ? id : null, errors.GetValueOrDefault(f.Address)))]));
        }

        return rows;
    }

    // Of an address with two scopes, programs of this node have the inner one; the other is for those who dial from outside, and not in the kernel.
    private static bool IsForThisNode(Frontend frontend, ImmutableArray<Frontend> all) => frontend.Scope is FrontendScope.Internal
        || (frontend.Flags & FrontendFlags.TwoScopes) == 0
        || !all.Any(other => other.Address == frontend.Address && other.Scope is FrontendScope.Internal);

    /// <summary>The frontend at each address that it is served at: a node port is at those of the node.</summary>
    private static IEnumerable<Frontend> ServedAt(Frontend frontend)
    {
        if (!frontend.Address.IsUnspecified || frontend.NodeAddresses.IsEmpty)
            yield return frontend;
        foreach (var address in frontend.NodeAddresses)
            yield return frontend with { Address = address };
    }

    /// <summary>What the kernel holds: frontends, then ranges.</summary>
    public static IReadOnlyList<KernelRow> Kernel(IEnumerable<ProgrammedFrontend> frontends, IEnumerable<ProgrammedRange> ranges) =>
    [
        .. frontends.Select(static f => new KernelRow(f.Id, f.Address.ToString(), f.Type.ToString(), f.Passes, Backends(f.Backends), Sets(f.FurtherSets))),
        .. ranges.Select(static r => new KernelRow(
            r.Id, r.ToString(), nameof(FrontendType.LocalRedirect), r.Passes, Backends(r.Backends), Sets(r.FurtherSets))),
    ];

    public static IReadOnlyList<FeatureRow> Features(IEnumerable<FeatureStatus> features) => [.. features.Select(static f => new FeatureRow(f.Name, FeatureWords.Of(f.State), f.Reason))];

    public static IReadOnlyList<DiagnosticRow> Diagnostics(IEnumerable<Diagnostic> diagnostics) =>
    [
        .. diagnostics.Where(static d => d.Severity is not DiagnosticSeverity.Debug).Select(static d => new DiagnosticRow(
            d.Severity.ToString(), d.File, d.Line, d.Kind, d.Namespace, d.Name, d.Field, d.Value, d.Reason)),
    ];

    private static IReadOnlyList<KernelBackendRow> Backends(IEnumerable<ProgrammedBackend> backends) =>
        [.. backends.Select(static b => new KernelBackendRow(b.Id, b.Address.ToString(), Math.Round(b.Share, 4)))];

    private static IReadOnlyList<KernelSetRow> Sets(IEnumerable<ProgrammedSet> sets) =>
        [.. sets.Select(static set => new KernelSetRow(set.Clients, set.Passes, Backends(set.Backends)))];

    private static FrontendRow Frontend(Frontend frontend, uint? id, string? error) => new(
        id,
        frontend.Address.ToString(),
        frontend.Type.ToString(),
        frontend.PortName,
        error ?? (frontend.Address.Protocol is L4Protocol.Sctp ? "SCTP passes no hook of sockets" : null),
        [
            .. frontend.Backends.Select((b, index) => new BackendRow(
                b.Address.ToString(), b.State.ToString(), index < frontend.UsableCount, b.NodeName)),
        ]);
}
