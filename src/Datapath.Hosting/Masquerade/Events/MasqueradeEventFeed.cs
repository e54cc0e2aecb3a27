using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>Events of masquerading, wherever they come from.</summary>
/// <param name="ReadAll">The events, as they come.</param>
/// <param name="Lost">How many were lost since the beginning.</param>
internal sealed record MasqueradeEventFeed(Func<CancellationToken, IAsyncEnumerable<MasqueradeEvent>> ReadAll, Func<long> Lost);
