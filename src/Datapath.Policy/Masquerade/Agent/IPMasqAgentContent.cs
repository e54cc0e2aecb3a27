using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What a file of the ip-masq-agent says.</summary>
/// <param name="List">The list; <see langword="null"/> if the file is malformed.</param>
/// <param name="Diagnostics">Everything else there is to say, in the order of the text.</param>
public sealed record IPMasqAgentContent(NonMasqueradeList? List, ImmutableArray<Diagnostic> Diagnostics);
