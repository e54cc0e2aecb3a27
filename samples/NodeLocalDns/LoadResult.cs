namespace Datapath.NodeLocalDns;

/// <summary>What became of many queries.</summary>
/// <param name="Sent">Queries, not counting those that were asked again.</param>
/// <param name="Answered">Those that were answered.</param>
/// <param name="AskedAgain">Those whose socket was ended under them, and that were asked again on a new one.</param>
/// <param name="Lost">Those that nobody answered.</param>
/// <param name="Reopened">The sockets that were opened anew, because the kernel had told so.</param>
internal sealed record LoadResult(int Sent, int Answered, int AskedAgain, int Lost, int Reopened);
