using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Agent.Commands;

/// <summary><c>plan</c>: what would be programmed.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var command = new Command("plan", "Prints the frontends and backends that the manifests would program. Needs neither root nor a kernel. Exit code 3 if a manifest has mistakes.")
        {
            CommonOptions.Config,
            CommonOptions.Manifests,
            CommonOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var node = CommonOptions.ReadOptions(arguments).Node;
        var path = arguments.GetRequiredValue(CommonOptions.Manifests)!;
        CommonOptions.ThrowIfMissing(path);
        var folder = new ManifestFolder(path);
        var batch = await folder.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        var compiler = new PolicyCompiler(node.ToConfiguration());
        _ = compiler.Apply(batch);

        var report = new PlanReport(Rows.Services(compiler.State, compiler.Statuses, [], []), [.. Rows.Diagnostics(folder.Diagnostics), .. compiler.Statuses.Where(IsWarning).OrderBy(static s => s.Object).Select(Rows.Warning)]);
        if (CommonOptions.IsJson(arguments))
        {
            Json.Write(report, ReportJson.Default.PlanReport);
        }
        else
        {
            Screen.ServiceTable(report.Services, withIds: false);
            Screen.Diagnostics(report.Diagnostics);
        }

        return folder.Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error) ? ExitCode.Mistakes : ExitCode.Done;
    }

    private static bool IsWarning(ObjectStatus status) => status.Condition is ObjectCondition.Conflict or ObjectCondition.Unsupported;
}
