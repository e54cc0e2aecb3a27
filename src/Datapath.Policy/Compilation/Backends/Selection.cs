using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The backends that a frontend gets.</summary>
/// <param name="Backends">In the order of <see cref="Frontend.Backends"/>.</param>
/// <param name="UsableCount">How many of them take new connections.</param>
internal readonly record struct Selection(ImmutableArray<Backend> Backends, int UsableCount);
