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

    private readonly Dictionary<RetiredBackend, BackendLoser> _waiting = [];
    private bool _isInDoubt;

    /// <summary>Whether there is nothing that <see cref="Return"/> could take back.</summary>
    public bool IsEmpty => _waiting.Count == 0 && scanner.IsIdle;

    /// <summary>A frontend, which may be gone, no longer leads to a backend.</summary>
    /// <param name="frontendId">The frontend.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="loser">Whose frontend it is or was.</param>
    public void Leave(uint frontendId, L4Address backend, BackendLoser loser = default)
    {
        if (backend.Protocol is not L4Protocol.Tcp || PolicyOf(loser) is not StaleTcpPolicy.Never)
            _waiting[new(frontendId, backend)] = loser;
    }

    /// <summary>A frontend wants other TCP connections ended from now on, also of the backends that it has no more.</summary>
    /// <param name="frontendId">The frontend.</param>
    /// <param name="own">Which; <see langword="null"/>: as configured.</param>
    public void Change(uint frontendId, StaleTcpPolicy? own)
    {
        var policy = own ?? tcp;
        foreach (var retired in _waiting.Keys.Where(retired => retired.FrontendId == frontendId && retired.Backend.Protocol is L4Protocol.Tcp).ToArray())
        {
            if (policy is StaleTcpPolicy.Never)
                _ = _waiting.Remove(retired);
            else
                _waiting[retired] = _waiting[retired] with { StaleTcp = own };
        }

        _isInDoubt |= policy is not StaleTcpPolicy.Never; // what it wanted to stay was not remembered
    }

    /// <summary>Whether the sockets themselves have to be asked where they were led, since the last call.</summary>
    public bool TakeDoubt() => Interlocked.Exchange(ref _isInDoubt, false);

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
        RetiredBackend[] due = [.. _waiting.Where(item => IsDue(item.Key, item.Value)).Select(static item => item.Key)];
        if (due.Length > 0)
        {
            foreach (var retired in due)
                _ = _waiting.Remove(retired);
            scanner.Add(due.ToDictionary(static retired => retired, setsWith));
        }

        foreach (var retired in _waiting.Keys.Take(_waiting.Count - MaxWaiting).ToArray())
            _ = _waiting.Remove(retired);
    }

    private StaleTcpPolicy PolicyOf(BackendLoser loser) => loser.StaleTcp ?? tcp;

    private bool IsDue(RetiredBackend retired, BackendLoser loser) => retired.Backend.Protocol is L4Protocol.Tcp && PolicyOf(loser) is StaleTcpPolicy.WhenBackendIsGone
        ? !known.IsListed(retired.Backend) && !isInUse(retired.Backend)
        : !known.IsDraining(loser.Service, retired.Backend);
}
