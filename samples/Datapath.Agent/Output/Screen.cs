using Spectre.Console;

namespace Datapath.Agent.Output;

/// <summary>Tables for people. Colours only on a terminal; where the output goes elsewhere, no line is wrapped.</summary>
internal static class Screen
{
    private static readonly Lazy<IAnsiConsole> s_console = new(static () =>
    {
        var console = AnsiConsole.Create(new() { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect, Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = 10_000;
        return console;
    });

    public static void ServiceTable(IEnumerable<ServiceRow> services)
    {
        var table = Table("ID", "SERVICE", "FRONTEND", "TYPE", "BACKENDS");
        foreach (var service in services)
        {
            if (service.Frontends.Count == 0)
                AddRow(table, "-", service.Service, "-", "-", $"({service.Condition}: {service.Message})");
            else if (service.IsOutdated)
                AddRow(table, "-", service.Service, "-", "-", $"(OUTDATED: {service.Message})");
            foreach (var frontend in service.Frontends)
            {
                var id = frontend.Id is { } number ? $"{number}" : "-";
                var lines = frontend.Backends.Select((b, i) => $"{i + 1} => {b.Address} ({State(b)})").ToList();
                if (frontend.Error is { } error)
                    lines.Insert(0, $"NOT APPLIED: {error}");
                if (lines.Count == 0)
                    lines.Add("(none)");
                AddRow(table, id, service.Service, frontend.Frontend, frontend.Type, lines[0]);
                foreach (var line in lines.Skip(1))
                    AddRow(table, "", "", "", "", line);
            }
        }

        s_console.Value.Write(table);
    }

    public static void VerificationTable(IEnumerable<VerificationRow> differences)
    {
        var table = Table("KIND", "SUBJECT", "DETAILS");
        foreach (var difference in differences)
            AddRow(table, difference.Kind, difference.Subject, difference.Details);
        s_console.Value.Write(table);
    }

    public static void KernelTable(IEnumerable<KernelRow> frontends)
    {
        var table = Table("ID", "FRONTEND", "TYPE", "BACKEND ID", "BACKEND", "SHARE");
        foreach (var frontend in frontends)
        {
            AddBackends(table, [$"{frontend.Id}", frontend.Frontend, frontend.Type], frontend.Passes, frontend.Backends);
            foreach (var set in frontend.FurtherSets)
                AddBackends(table, ["", $"  for {string.Join(", ", set.Clients)}", ""], set.Passes, set.Backends);
        }

        s_console.Value.Write(table);
    }

    public static void PolicyTable(IEnumerable<PolicyRow> policies)
    {
        var table = Table("POLICY", "KIND", "CONDITION", "FRONTENDS", "MESSAGE");
        foreach (var policy in policies)
        {
            AddRow(table, policy.Policy, policy.Kind, policy.Condition, policy.Frontends.FirstOrDefault("-"), policy.Error is { } error ? $"NOT APPLIED: {error}" : policy.Message);
            foreach (var frontend in policy.Frontends.Skip(1))
                AddRow(table, "", "", "", frontend, "");
        }

        s_console.Value.Write(table);
    }

    public static void Facts(IEnumerable<(string Name, string Value)> facts)
    {
        var table = Table("", "").HideHeaders();
        foreach (var (name, value) in facts)
            AddRow(table, name, value);
        s_console.Value.Write(table);
    }

    /// <summary>What there is to know beside the answer.</summary>
    public static void Notes(IEnumerable<string> notes)
    {
        foreach (var note in notes)
            Console.Error.WriteLine($"note: {note}");
    }

    public static void Diagnostics(IEnumerable<DiagnosticRow> diagnostics)
    {
        foreach (var d in diagnostics)
            Console.Error.WriteLine($"{d.Severity.ToLowerInvariant()}: {Describe(d)}");
    }

    public static string Describe(DiagnosticRow row) => new Policy.Diagnostic
    {
        Severity = Enum.Parse<Policy.DiagnosticSeverity>(row.Severity),
        File = row.File,
        Line = row.Line,
        Kind = row.Kind,
        Namespace = row.Namespace,
        Name = row.Name,
        Field = row.Field,
        Value = row.Value,
        Reason = row.Reason,
    }.ToString();

    private static void AddBackends(Table table, string[] head, bool passes, IReadOnlyList<KernelBackendRow> backends)
    {
        if (backends.Count == 0)
            AddRow(table, [.. head, "-", passes ? "(none: dials go to the address itself)" : "(none: dials are refused)", "-"]);
        foreach (var backend in backends)
        {
            AddRow(table, [.. head, $"{backend.Id}", backend.Address, $"{backend.Share * 100:0.#}%"]);
            head = ["", "", ""];
        }
    }

    private static string State(BackendRow backend)
    {
        var state = backend.State switch
        {
            nameof(BackendState.TerminatingNotServing) => "terminating, not serving",
            var other => other.ToLowerInvariant(),
        };
        return backend.InUse || backend.State == nameof(BackendState.Active) ? state : $"{state}, not in use";
    }

    /// <summary>Writes a line, and an empty one.</summary>
    public static void WriteLine(string text)
    {
        s_console.Value.Write(new Text(text + Environment.NewLine));
        s_console.Value.WriteLine();
    }

    /// <summary>Writes a table.</summary>
    public static void Write(Table table) => s_console.Value.Write(table);

    /// <summary>Writes a table under a title, and an empty line.</summary>
    public static void Write(string title, Table table)
    {
        s_console.Value.Write(new Text(title + Environment.NewLine, new Style(decoration: Decoration.Underline)));
        s_console.Value.Write(table);
        s_console.Value.WriteLine();
    }

    public static Table Table(params ReadOnlySpan<string> headers)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var header in headers)
            _ = table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))).NoWrap().PadRight(3));
        return table;
    }

    public static void AddRow(Table table, params ReadOnlySpan<string> cells) => table.AddRow([.. cells.ToArray().Select(static c => new Text(c))]);
}
