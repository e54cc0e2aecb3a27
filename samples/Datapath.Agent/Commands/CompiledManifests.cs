using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Agent.Commands;

/// <summary>A folder of manifests, compiled for the node of the configuration. Needs neither root nor a kernel.</summary>
internal sealed record CompiledManifests(PolicyCompiler Compiler, IReadOnlyCollection<Diagnostic> Diagnostics)
{
    /// <summary>Whether some manifest has mistakes: then something may be missing.</summary>
    public bool HasMistakes => Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error);

    /// <summary>What the configuration says of dials beside the rules: the compiler knows nothing of it.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    public int ExitCode => HasMistakes ? Commands.ExitCode.Mistakes : Commands.ExitCode.Done;

    public static async Task<CompiledManifests> ReadAsync(DatapathOptions options, string path, CancellationToken cancellationToken)
    {
        var node = options.ToNodeConfiguration();
        var (batch, diagnostics) = await ManifestObjects.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var compiler = new PolicyCompiler(node);
        _ = compiler.Apply(batch);
        return new(compiler, diagnostics) { Notes = [.. NotesOf(options)] };
    }

    private static IEnumerable<string> NotesOf(DatapathOptions options)
    {
        if (!options.EnableServices)
            yield return "services:enabled is false: none of this is programmed";
        else if (options.SocketLb.HostNamespaceOnly)
            yield return "socketLB:hostNamespaceOnly is true: dials of pods with a network of their own are left as they are, whatever the rules say";
    }
}
