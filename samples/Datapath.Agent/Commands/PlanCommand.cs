using System.Collections.Immutable;
using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Policy.Tables;

namespace Datapath.Agent.Commands;

/// <summary><c>plan</c>: what would be programmed.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var command = new Command("plan", "Prints, table by table, what the manifests would program, and what became of every object. Needs neither root nor a kernel. Exit code 3 if a manifest has mistakes.")
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
        var path = arguments.GetRequiredValue(CommonOptions.Manifests)!;
        var manifests = await CompiledManifests.ReadAsync(CommonOptions.ReadOptions(arguments, path), path, cancellationToken).ConfigureAwait(false);

        // Cookies are the kernel's: where nothing is asked of it, none is known.
        var tables = PolicyTables.Of(manifests.Compiler, ImmutableDictionary<PodName, ulong>.Empty);
        if (CommonOptions.IsJson(arguments))
            Console.Out.WriteLine(tables.ToJson());
        else
            PlanScreen.Write(manifests.Compiler.Node.Name, tables);
        Screen.Notes(manifests.Notes);
        Screen.Diagnostics(Rows.Diagnostics(manifests.Diagnostics));
        return manifests.ExitCode;
    }
}
