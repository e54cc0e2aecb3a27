namespace Datapath.Policy;

/// <summary>Everything that is known under one service name, and what was compiled of it last.</summary>
internal sealed class ServiceEntry(ServiceName name) : Claimant(name)
{
    /// <summary>What the service wants; <see langword="null"/> if there is no service or an invalid one.</summary>
    public ServicePlan? Plan { get; set; }

    /// <summary>Why the service is refused; <see langword="null"/> if there is none or a valid one.</summary>
    public string? Rejection { get; set; }

    /// <summary>The slices that name the service, in no particular order.</summary>
    public List<SliceEntry> Slices { get; } = [];

    /// <summary>What its frontends got last; <see langword="null"/> if that is not kept.</summary>
    public KeptSelections? Selections { get; set; }

    /// <summary>The policies that may redirect it, by precedence; <see langword="null"/> if there are none.</summary>
    public List<RedirectEntry>? Redirects { get; set; }

    public ObjectStatus? Status { get; set; }

    /// <summary>Whether nothing is known any more.</summary>
    public bool IsEmpty => Plan is null && Rejection is null && Slices.Count == 0 && Redirects is null;

    public override string Description => $"service {Name}";

    public void Add(SliceEntry slice)
    {
        Slices.Add(slice);
        Selections?.OnCame(slice);
    }

    public void Remove(SliceEntry slice)
    {
        _ = Slices.Remove(slice);
        Selections?.OnLeft(slice);
    }

    protected override bool Exists => Plan is not null;

    public override bool ServesOtherNodes => true;

    public override bool ServesNodeAddresses(L4Address unspecified) => true;
}
