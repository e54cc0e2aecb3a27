using System.CommandLine;
using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Agent.Commands;

/// <summary>A folder of manifests, compiled for the node of the configuration. Needs neither root nor a kernel.</summary>
internal sealed record CompiledManifests(PolicyCompiler Compiler, IReadOnlyCollection<Diagnostic> Diagnostics)
{
    /// <summary>Whether some manifest has mistakes: then something may be missing.</summary>
    public bool HasMistakes => Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error);

    public int ExitCode => HasMistakes ? Commands.ExitCode.Mistakes : Commands.ExitCode.Done;

    public static async Task<CompiledManifests> ReadAsync(ParseResult arguments, string path, CancellationToken cancellationToken)
    {
        var node = CommonOptions.ReadOptions(arguments).ToNodeConfiguration();
        CommonOptions.ThrowIfMissing(path);
        var folder = new ManifestFolder(path);
        var batch = await folder.ReadSettledAsync(cancellationToken).ConfigureAwait(false);
        var compiler = new PolicyCompiler(node);
        _ = compiler.Apply(batch);
        return new(compiler, folder.Diagnostics);
    }
}
