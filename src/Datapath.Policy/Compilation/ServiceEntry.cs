namespace Datapath.Policy;

/// <summary>Everything that is known under one service name, and what was compiled of it last.</summary>
internal sealed class ServiceEntry(ServiceName name)
{
    public ServiceName Name { get; } = name;

    /// <summary>What the service wants; <see langword="null"/> if there is no service or an invalid one.</summary>
    public ServicePlan? Plan { get; set; }

    /// <summary>Why the service is refused; <see langword="null"/> if there is none or a valid one.</summary>
    public string? Rejection { get; set; }

    public ServicePriority Priority { get; set; }

    /// <summary>The slices that name the service, in no particular order.</summary>
    public List<SliceEntry> Slices { get; } = [];

    /// <summary>The addresses that the service claims in <see cref="AddressClaims"/>.</summary>
    public L4Address[] Claimed { get; set; } = [];

    /// <summary>The service that holds an address which this one claims; <see langword="null"/> if this one holds all of its own.</summary>
    public ServiceEntry? HeldBy { get; set; }

    /// <summary>The address that <see cref="HeldBy"/> holds.</summary>
    public L4Address HeldAddress { get; set; }

    /// <summary>Whether the service holds what it claims.</summary>
    public bool Holds => Plan is not null && HeldBy is null;

    /// <summary>Whether the entry waits to be judged by <see cref="AddressClaims"/>.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether the entry waits to be compiled.</summary>
    public bool IsDirty { get; set; }

    public DesiredService? Compiled { get; set; }

    public ObjectStatus? Status { get; set; }

    /// <summary>Whether nothing is known any more.</summary>
    public bool IsEmpty => Plan is null && Rejection is null && Slices.Count == 0;
}
