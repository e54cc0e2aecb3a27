using System.CommandLine;
using Datapath.Agent.Output;

namespace Datapath.Agent.Commands;

/// <summary><c>diff</c>: what would change in the kernel from one folder of manifests to another.</summary>
internal static class DiffCommand
{
    private static readonly Argument<string> s_old = new("OLD") { Description = "The folder of manifests as they are." };
    private static readonly Argument<string> s_new = new("NEW") { Description = "The folder of manifests as they would be." };

    public static Command Create()
    {
        var command = new Command("diff", "Prints what would change in the kernel from one folder of manifests to another. Needs neither root nor a kernel. Exit code 3 if a manifest has mistakes.")
        {
            s_old,
            s_new,
            CommonOptions.Config,
            CommonOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (old, @new) = (arguments.GetRequiredValue(s_old), arguments.GetRequiredValue(s_new));
        var options = CommonOptions.ReadOptions(arguments, old, @new);
        var before = await CompiledManifests.ReadAsync(options, old, cancellationToken).ConfigureAwait(false);
        var after = await CompiledManifests.ReadAsync(options, @new, cancellationToken).ConfigureAwait(false);
        var differences = DifferenceRow.Between(before.Compiler.State, after.Compiler.State);
        if (CommonOptions.IsJson(arguments))
            Json.Write(differences, ReportJson.Readable.IReadOnlyListDifferenceRow);
        else
            DifferenceScreen.Write(differences);
        Screen.Notes(after.Notes);
        Screen.Diagnostics(Rows.Diagnostics([.. before.Diagnostics, .. after.Diagnostics]));
        return before.HasMistakes ? before.ExitCode : after.ExitCode;
    }
}
