using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>A source that can say at any time what there is to say about its inputs, for status displays.</summary>
public interface IDiagnosticSource
{
    /// <summary>What there is to say about the inputs as they are now. May be read from any thread.</summary>
    ImmutableArray<Diagnostic> Diagnostics { get; }
}
