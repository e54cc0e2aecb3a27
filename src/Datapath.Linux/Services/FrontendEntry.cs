namespace Datapath.Linux.Services;

/// <summary>What is known of a frontend in the kernel.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Range">Its slots.</param>
/// <param name="Traits">What its header says.</param>
/// <param name="Service">Whose it is; <see langword="null"/> while what an earlier process left has not been claimed.</param>
internal readonly record struct FrontendEntry(uint Id, FrontendType Type, SlotRange Range, FrontendTraits Traits, ServiceName? Service)
{
    /// <summary>What its slots were written for.</summary>
    public WrittenBackends Written { get; init; }

    /// <summary>Who loses backends with it.</summary>
    public BackendLoser Loser => new(Service, Traits.StaleTcp);
}
