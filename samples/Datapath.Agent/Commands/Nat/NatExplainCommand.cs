using System.CommandLine;
using System.Net;
using Datapath.Agent.Output;
using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Agent.Commands.Nat;

/// <summary><c>nat explain</c>: what becomes of a packet that leaves, and why.</summary>
internal static class NatExplainCommand
{
    private static readonly Option<IPAddress> s_from = Address("--from", "-f", "Where the packet comes from.");
    private static readonly Option<IPAddress> s_to = Address("--to", "-t", "Where it goes.");

    private static readonly Option<string?> s_interface = new("--interface", "-i")
    {
        Description = "The interface by which it came in. Default: it is the host's own.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> s_manifests = new("--manifests", "-m")
    {
        Description = "The folder with manifests of Pods, Nodes and Namespaces. Default: there are none.",
        HelpName = "DIR",
    };

    public static Command Create()
    {
        var explain = new Command("explain", "Says whether a packet leaves with its own address, rule by rule. Needs neither root nor a kernel. Exit code 3 if a manifest has mistakes.")
        {
            s_from,
            s_to,
            s_interface,
            s_manifests,
            CommonOptions.Config,
            CommonOptions.Output,
        };
        explain.SetAction(RunAsync);
        return explain;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var manifests = arguments.GetValue(s_manifests);
        var options = CommonOptions.ReadOptions(arguments, manifests is null ? [] : [manifests]);
        var (batch, ofObjects) = manifests is null ? ManifestObjects.None : await ManifestObjects.ReadAsync(manifests, cancellationToken).ConfigureAwait(false);
        List<Diagnostic> diagnostics = [.. ofObjects];
        var compilation = MasqueradeCompiler.Compile(new()
        {
            Configuration = options.Masquerade.ToConfiguration(),
            Node = options.ToNodeConfiguration(),
            Nodes = [.. batch.Upserted.OfType<Node>()],
            Pods = [.. batch.Upserted.OfType<Pod>()],
            Namespaces = [.. batch.Upserted.OfType<Namespace>()],
            AgentList = await ReadListAsync(options.Masquerade, diagnostics, cancellationToken).ConfigureAwait(false),
        });
        diagnostics.AddRange(compilation.Diagnostics);
        var (from, to) = (arguments.GetRequiredValue(s_from), arguments.GetRequiredValue(s_to));
        if (from.AddressFamily != to.AddressFamily)
            throw new ConfigurationException($"--to: '{to}' must be of the family of --from '{from}'");
        var explanation = compilation.Explain(new(from, to) { Interface = arguments.GetValue(s_interface) });
        if (CommonOptions.IsJson(arguments))
            Json.Write(PacketReport.Of(explanation), ReportJson.Readable.PacketReport);
        else
            ExplanationScreen.Write($"{explanation.Packet}", explanation.Steps);
        Screen.Diagnostics(Rows.Diagnostics(diagnostics));
        return diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error) ? ExitCode.Mistakes : ExitCode.Done;
    }

    private static async Task<NonMasqueradeList?> ReadListAsync(MasqueradeOptions options, List<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        if (!options.UsesAgentFile)
            return null;
        var file = new IPMasqAgentFile(options.AgentFile);
        await file.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        diagnostics.AddRange(file.Current.Diagnostics);
        return file.Current.List;
    }

    private static Option<IPAddress> Address(string name, string alias, string description) => new(name, alias)
    {
        Description = description,
        HelpName = "ADDRESS",
        Required = true,
        CustomParser = result =>
        {
            if (!IPAddress.TryParse(result.Tokens[0].Value, out var address))
                result.AddError($"{name}: '{result.Tokens[0].Value}' must be an IP address");
            return address;
        },
    };
}
