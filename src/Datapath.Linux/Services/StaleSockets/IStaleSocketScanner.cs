namespace Datapath.Linux.Services;

/// <summary>Ends the sockets that frontends led to backends which they have no more.</summary>
internal interface IStaleSocketScanner
{
    /// <summary>Whether there is nothing that <see cref="Cancel"/> could take back.</summary>
    bool IsIdle { get; }

    /// <summary>Has a scan look for these soon. Does not wait for it.</summary>
    /// <param name="retired">What to look for, and whose sockets are right to be there all the same: the sets of the frontend that still have the backend, a bit for each.</param>
    void Add(IReadOnlyDictionary<RetiredBackend, ulong> retired);

    /// <summary>Takes one back. When this returns no scan looks for it any more.</summary>
    /// <returns>Whether one would have.</returns>
    bool Cancel(RetiredBackend retired);

    /// <summary>Has all sockets listed soon that frontends led to where they are connected. Does not wait for it.</summary>
    /// <param name="listing">Who is told.</param>
    void List(SocketListing listing);
}
