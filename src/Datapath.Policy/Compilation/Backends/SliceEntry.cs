namespace Datapath.Policy;

/// <summary>An endpoint slice, taken apart.</summary>
internal sealed class SliceEntry
{
    private SliceEntry(EndpointSlice slice) => Slice = slice;

    public EndpointSlice Slice { get; }

    public ObjectKey Key => Slice.Key;

    /// <summary>The service that the endpoints belong to; <see langword="null"/> if they belong to none.</summary>
    public ServiceEntry? Service { get; private init; }

    /// <summary>A backend for each address and port of the slice, in order.</summary>
    public Candidate[] Candidates { get; private init; } = [];

    /// <summary>Whether its weight is 0.</summary>
    public bool IsOutOfService { get; private init; }

    public ObjectStatus? Status { get; set; }

    /// <summary>Takes a slice apart.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="service">Its service.</param>
    /// <param name="before">What it was before; what is the same stays the same object, so that others see it at a glance.</param>
    public static SliceEntry Of(EndpointSlice slice, ServiceEntry? service, SliceEntry? before) => new(slice)
    {
        Service = service,
        Candidates = service is null ? [] : Candidate.Of(slice, before?.Candidates),
        IsOutOfService = slice.Weight == 0,
    };
}
