using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Policy;

namespace Datapath.Agent.Commands;

/// <summary><c>explain</c>: what becomes of a dial, and why.</summary>
internal static class ExplainCommand
{
    private static readonly Option<DialClient> s_from = new("--from", "-f")
    {
        Description = "Who dials: NAMESPACE/POD, or host for a process of the host.",
        HelpName = "CLIENT",
        CustomParser = static result =>
        {
            if (!DialClient.TryParse(result.Tokens[0].Value, out var client))
                result.AddError($"--from: '{result.Tokens[0].Value}' must be NAMESPACE/POD or host");
            return client;
        },
    };

    private static readonly Option<L4Address> s_to = new("--to", "-t")
    {
        Description = "What is dialled, for example 10.96.0.10:53/UDP or [fd10::a]:80/TCP.",
        HelpName = "ADDRESS",
        Required = true,
        CustomParser = static result =>
        {
            if (!L4Address.TryParse(result.Tokens[0].Value, null, out var address))
                result.AddError($"--to: '{result.Tokens[0].Value}' must be ADDRESS:PORT/PROTOCOL, for example 10.96.0.10:53/UDP or [fd10::a]:80/TCP");
            return address;
        },
    };

    public static Command Create()
    {
        var command = new Command("explain", "Says what becomes of a dial, rule by rule. Needs neither root nor a kernel. Exit code 3 if a manifest has mistakes.")
        {
            s_from,
            s_to,
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
        var explanation = manifests.Compiler.Explain(arguments.GetValue(s_from), arguments.GetRequiredValue(s_to));
        if (CommonOptions.IsJson(arguments))
            Json.Write(ExplanationReport.Of(explanation), ReportJson.Readable.ExplanationReport);
        else
            ExplanationScreen.Write(explanation);
        Screen.Notes(manifests.Notes);
        Screen.Diagnostics(Rows.Diagnostics(manifests.Diagnostics));
        return manifests.ExitCode;
    }
}
