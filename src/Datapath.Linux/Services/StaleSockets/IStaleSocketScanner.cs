namespace Datapath.Linux.Services;

/// <summary>Ends the sockets that frontends led to backends which they have no more.</summary>
internal interface IStaleSocketScanner
{
    /// <summary>Whether there is nothing that <see cref="Cancel"/> could take back.</summary>
    bool IsIdle { get; }

    /// <summary>Has a scan look for these soon. Does not wait for it.</summary>
    void Add(IReadOnlyCollection<RetiredBackend> retired);

    /// <summary>Takes one back. When this returns no scan looks for it any more.</summary>
    void Cancel(RetiredBackend retired);
}
