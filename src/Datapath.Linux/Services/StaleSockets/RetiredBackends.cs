namespace Datapath.Linux.Services;

/// <summary>
/// The backends that left frontends, until a scan may end the sockets that they were dialed by. What is on its way out is left alone until it is
/// gone: such a backend goes on serving those who are connected.
/// </summary>
internal sealed class RetiredBackends(
    StaleTcpPolicy tcp, KnownBackends known, Func<L4Address, bool> isInUse, Func<RetiredBackend, ulong> setsWith, IStaleSocketScanner scanner)
{
    /// <summary>TCP backends may leave frontends for ever without being gone; what is more than this is not waited for.</summary>
    public const int MaxWaiting = 16384;

    private readonly HashSet<RetiredBackend> _waiting = [];

    /// <summary>Whether there is nothing that <see cref="Return"/> could take back.</summary>
    public bool IsEmpty => _waiting.Count == 0 && scanner.IsIdle;

    /// <summary>A frontend, which may be gone, no longer leads to a backend.</summary>
    public void Leave(uint frontendId, L4Address backend)
    {
        if (backend.Protocol is L4Protocol.Tcp && tcp is StaleTcpPolicy.Never)
            return;
        _ = _waiting.Add(new(frontendId, backend));
    }

    /// <summary>A frontend is about to lead to a backend. Call it before the first dial can get there: from then on sockets are right to be there.</summary>
    /// <returns>Whether it had left before, and sockets of some clients may still be there wrongly.</returns>
    public bool Return(uint frontendId, L4Address backend)
    {
        var retired = new RetiredBackend(frontendId, backend);
        return _waiting.Remove(retired) | scanner.Cancel(retired);
    }

    /// <summary>Hands to the scanner what is due. Call it when a change is in force.</summary>
    public void Release()
    {
        if (_waiting.Count == 0)
            return;
        RetiredBackend[] due = [.. _waiting.Where(IsDue)];
        if (due.Length > 0)
        {
            _waiting.ExceptWith(due);
            scanner.Add(due.ToDictionary(static retired => retired, setsWith));
        }

        if (_waiting.Count > MaxWaiting)
            _waiting.ExceptWith([.. _waiting.Take(_waiting.Count - MaxWaiting)]);
    }

    private bool IsDue(RetiredBackend retired) => retired.Backend.Protocol is L4Protocol.Tcp && tcp is StaleTcpPolicy.WhenBackendIsGone
        ? !known.IsListed(retired.Backend) && !isInUse(retired.Backend)
        : !known.IsDraining(retired.Backend);
}
