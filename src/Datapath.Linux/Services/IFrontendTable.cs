namespace Datapath.Linux.Services;

/// <summary>The frontends of a family, whichever it is.</summary>
internal interface IFrontendTable
{
    SlotAllocator Allocator { get; }

    int Count { get; }

    IEnumerable<L4Address> Addresses { get; }

    /// <summary>What is not as with most frontends, by address.</summary>
    IEnumerable<(L4Address Address, FrontendTraits Traits)> Traits { get; }

    /// <summary>Prepares a frontend. Programs do not see it before <see cref="Flush"/>.</summary>
    /// <param name="service">The service that it belongs to. If the address was another service's, it gets a new identifier.</param>
    /// <param name="frontend">What it is to be.</param>
    /// <param name="settlesForLess">Whether coarser shares will do where there is no room for good ones.</param>
    /// <returns>Why it cannot be, or <see langword="null"/>. Transient if only slots are missing.</returns>
    ApplyFailure? Stage(ServiceName service, SocketFrontend frontend, bool settlesForLess);

    /// <summary>Brings what was staged into the kernel, each frontend in one atomic step.</summary>
    /// <param name="failures">Where those that were refused go.</param>
    /// <returns>How many were written.</returns>
    int Flush(ICollection<ApplyFailure> failures);

    bool Remove(L4Address address);

    /// <summary>Reads back from the kernel.</summary>
    /// <param name="further">The further sets.</param>
    IEnumerable<ProgrammedFrontend> Read(KernelSets further);

    /// <summary>The sets of a frontend that have a backend, a bit for each, the lowest for its own; 0 if the frontend has no further sets.</summary>
    ulong SetsWith(RetiredBackend retired);

    /// <summary>Of sockets that frontends led to backends, those that may not be right there: the frontend is gone, or no longer leads all its clients there.</summary>
    IEnumerable<RetiredBackend> WhereNotRight(IEnumerable<RetiredBackend> led);
}
