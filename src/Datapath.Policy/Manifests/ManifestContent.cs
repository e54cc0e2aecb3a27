using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What a manifest holds.</summary>
/// <param name="Objects">The valid objects, in the order of the text. The same object may occur more than once.</param>
/// <param name="Diagnostics">Everything else there is to say, in the order of the text.</param>
public sealed record ManifestContent(ImmutableArray<KubernetesObject> Objects, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>The objects that were refused and say what they are, in the order of the text. The same one may occur more than once.</summary>
    public ImmutableArray<RefusedObject> Refused { get; init; } = [];

    /// <summary>Whether some document or object was refused.</summary>
    public bool HasErrors
    {
        get
        {
            foreach (var diagnostic in Diagnostics)
            {
                if (diagnostic.Severity is DiagnosticSeverity.Error)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The lines on which <see cref="Objects"/> start, in the same order.</summary>
    internal ImmutableArray<int> Lines { get; init; } = [];

    /// <summary>One line: the objects, and what there is to say about them.</summary>
    public override string ToString() => string.Join("; ", [string.Join(' ', Objects.Select(static item => item.Key)), .. Diagnostics.Select(static diagnostic => diagnostic.ToString())]);
}
