using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The list of an ip-masq-agent file, and what there is to say about the file.</summary>
/// <param name="List">The list in force.</param>
/// <param name="Diagnostics">What there is to say.</param>
public sealed record IPMasqAgentUpdate(NonMasqueradeList List, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Equal in both parts.</summary>
    /// <param name="other">The update to compare with.</param>
    public bool Equals(IPMasqAgentUpdate? other) =>
        ReferenceEquals(this, other) || (other is not null && List.Equals(other.List) && Diagnostics.AsSpan().SequenceEqual(other.Diagnostics.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(List, Diagnostics.AsSpan().Length);
}
