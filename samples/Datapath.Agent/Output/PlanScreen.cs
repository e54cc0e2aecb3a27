using Datapath.Policy;
using Datapath.Policy.Tables;
using Spectre.Console;
using PlannedObject = Datapath.Policy.Tables.ObjectRow;

namespace Datapath.Agent.Output;

/// <summary>The tables of a plan, for people: for which node, and a listing each, without those that are empty.</summary>
internal static class PlanScreen
{
    private const string None = "-";

    private static readonly string[] s_policies = [nameof(ObjectKind.CiliumLocalRedirectPolicy), nameof(ObjectKind.ClusterLocalRedirectPolicy)];

    public static void Write(string node, PolicyTables tables)
    {
        Screen.WriteLine($"Plan for node '{node}'");
        WriteFrontends(tables);
        WriteServices(tables);
        WritePolicies(tables);
        WriteMaps(tables.Maps);
        WriteObjects("What became of redirect policies", tables.Objects.Where(IsPolicy));
        WriteObjects("Objects that are not simply in force", tables.Objects.Where(static row => !IsPolicy(row) && !IsSimplyInForce(row)));
    }

    private static bool IsPolicy(PlannedObject row) => s_policies.Contains(row.Kind);

    private static bool IsSimplyInForce(PlannedObject row) =>
        !row.IsOutdated && !row.IsPartial && row.Condition is (nameof(ObjectCondition.Accepted) or nameof(ObjectCondition.Active));

    private static void WriteObjects(string title, IEnumerable<PlannedObject> rows) =>
        Write(title, ["OBJECT", "CONDITION", "MESSAGE"], rows, static (table, row) =>
            Screen.AddRow(table, $"{row.Kind} {(row.Namespace.Length == 0 ? "" : row.Namespace + "/")}{row.Name}", row.Condition, row.Message));

    private static void WriteFrontends(PolicyTables tables)
    {
        Write("Frontends", ["FRONTEND", "TYPE", "SERVICE", "PORT", "REDIRECTED TO", "BACKENDS"], tables.Frontends, static (table, row) =>
            AddLines(table, [row.Address, row.Type, row.Service, Or(row.PortName), row.RedirectTo ?? None], row.Backends));
        Write("Redirects", ["FRONTEND", "POLICY", "CLIENTS", "NOT FOR", "BACKENDS"], Redirects(tables), static (table, row) => AddLines(
            table,
            [row.Frontend, row.Redirect.Policy, Describe(row.Redirect.Clients), List(row.Redirect.SkippedPods)],
            row.Redirect.Backends));
        Write("Backends", ["BACKEND", "SERVICE", "PORTS", "STATE", "WEIGHT", "NODE"], tables.Backends, (table, row) => Screen.AddRow(
            table,
            row.Address,
            row.Service,
            List(row.PortNames),
            row.State ?? "unhealthy",
            $"{tables.BackendWeights[row.Address]}",
            Or(row.NodeName)));
    }

    private static void WriteServices(PolicyTables tables) => Write(
        "Services", ["SERVICE", "PORTS", "EXTERNAL", "INTERNAL", "ATTRIBUTES"], tables.Services, static (table, row) => Screen.AddRow(
            table,
            row.Name,
            List(row.PortNames.Select(static port => $"{port.Key}:{port.Value}".TrimStart(':'))),
            row.ExternalTrafficPolicy,
            row.InternalTrafficPolicy,
            List(Describe(row.Attributes))));

    private static void WritePolicies(PolicyTables tables)
    {
        Write("Local redirect policies", ["POLICY", "KIND", "SERVICE", "BACKENDS", "FRONTENDS"], tables.LocalRedirectPolicies, static (table, row) =>
        {
            var labels = row.BackendSelector.Select(static label => $"{label.Key}={label.Value}");
            AddLines(table, [row.Name, row.FrontendType, row.Service ?? None, List(labels.Concat(row.BackendExpressions))], row.Frontends);
        });
        Write("Clusterwide redirect policies", ["POLICY", "PRIORITY", "BACKENDS", "FRONTENDS"], tables.ClusterLocalRedirectPolicies, static (table, row) =>
        {
            var backends = row.BackendAddress is { } address ? $"{address} for {row.BackendSelector}" : row.BackendSelector;
            AddLines(table, [row.Name, $"{row.Priority}", $"{backends} in {row.BackendNamespace}"], [.. row.Frontends, .. row.Ranges]);
        });
        Write("Pods whose dials are not redirected", ["POD", "COOKIE", "FRONTENDS"], tables.SkipLb, static (table, row) =>
            AddLines(table, [row.Pod, row.NetnsCookie is { } cookie ? $"{cookie}" : "(unknown)"], row.SkipRedirects));
        Write("Pods", ["POD", "NETWORK", "DIALS", "ADDRESSES"], tables.Pods, static (table, row) => Screen.AddRow(
            table, row.Pod, row.IsHostNetwork ? "the node's" : "its own", row.IsExempt ? "left alone" : "translated", List(row.Addresses)));
    }

    private static void WriteMaps(MapTables maps)
    {
        Write("Map of frontends", ["FRONTEND", "TYPE", "FLAGS", "MAGLEV", "ACTIVE", "BACKENDS"], maps.Frontends, static (table, row) => AddLines(
            table,
            [
                row.Key, row.Value.Type, List(row.Value.Flags), row.Value.Maglev is null ? None : "yes",
                $"{row.Value.ActiveCount} of {row.Value.Backends.Length}",
            ],
            row.Value.Backends.Select(static (slot, i) => $"{i + 1} => {slot.Address} ({(slot.Quarantined ? "unhealthy" : slot.State)})")));
        Write("Map of guarded addresses", ["ADDRESS", "TYPE"], maps.Wildcards, static (table, row) => Screen.AddRow(table, row.Key, row.Value.Type));
        Write("Map of backends", ["BACKEND", "STATE"], maps.Backends, static (table, row) => Screen.AddRow(table, row.Key, row.Value));
    }

    /// <summary>What more there is to say of frontends that are redirected than the first redirect's backends, and of ranges.</summary>
    private static IEnumerable<(string Frontend, RedirectRow Redirect)> Redirects(PolicyTables tables) =>
        tables.Frontends.SelectMany(static row => row.Redirects.Select(redirect => (row.Address, redirect)))
            .Concat(tables.Ranges.SelectMany(static row => row.Redirects.Select(redirect => (row.Range, redirect))));

    private static string Describe(ClientsRow clients)
    {
        var pods = (clients.AllPodsExcept, clients.Pods) switch
        {
            (true, []) => "all pods",
            (true, var others) => $"all pods except {string.Join(", ", others)}",
            (false, []) => "no pods",
            (false, var some) => string.Join(", ", some),
        };
        return clients.HostProcesses ? $"{pods}, host processes" : pods;
    }

    private static IEnumerable<string> Describe(ServiceAttributes attributes)
    {
        if (attributes.SessionAffinitySeconds is { } seconds)
            yield return $"affinity {seconds} s";
        if (attributes.SourceRanges is { } ranges)
            yield return $"{attributes.SourceRangesPolicy ?? "allow"} {string.Join(", ", ranges)}";
        if (attributes.ExplicitLBAlgorithm is { } algorithm)
            yield return algorithm;
        if (attributes.ForwardingMode is { } mode)
            yield return mode;
        if (attributes.TrafficDistribution is { } distribution)
            yield return distribution;
        if (attributes.LoadBalancerClass is { } group)
            yield return $"class {group}";
    }

    private static void Write<T>(string title, string[] headers, IEnumerable<T> rows, Action<Table, T> add)
    {
        var table = Screen.Table(headers);
        foreach (var row in rows)
            add(table, row);
        if (table.Rows.Count > 0)
            Screen.Write(title, table);
    }

    /// <summary>Adds a row whose last cell has a line for each item.</summary>
    private static void AddLines(Table table, string[] cells, IEnumerable<string> lines)
    {
        var first = cells;
        foreach (var line in lines.DefaultIfEmpty("(none)"))
        {
            Screen.AddRow(table, [.. first, line]);
            first = [.. cells.Select(static _ => "")];
        }
    }

    private static string List(IEnumerable<string> items) => Or(string.Join(", ", items));

    private static string Or(string text) => text.Length == 0 ? None : text;
}
