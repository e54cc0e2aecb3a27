using System.Collections.Immutable;
using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>Events of masquerading, wherever they come from.</summary>
/// <param name="ReadAll">The events, as they come.</param>
/// <param name="Lost">How many were lost since the beginning.</param>
/// <param name="Gaps">In which times since the beginning nothing was told.</param>
/// <param name="Flows">The flows that there are.</param>
internal sealed record MasqueradeEventFeed(
    Func<CancellationToken, IAsyncEnumerable<MasqueradeEvent>> ReadAll, Func<long> Lost, Func<ImmutableArray<ListeningGap>> Gaps, Func<ImmutableArray<MasqueradeFlow>> Flows);
