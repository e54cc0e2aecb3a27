namespace Datapath.Linux.Services;

/// <summary>Whoever wants to know where frontends led sockets that are connected there. Told once, on the scanner's thread.</summary>
/// <param name="Found">Told how many sockets each frontend led to each backend.</param>
/// <param name="Failed">Told why nothing could be found out.</param>
internal sealed record SocketListing(Action<IReadOnlyDictionary<RetiredBackend, int>> Found, Action<Exception> Failed);
