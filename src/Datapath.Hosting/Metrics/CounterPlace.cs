namespace Datapath.Hosting;

/// <summary>Where a counter of an engine shows.</summary>
/// <param name="Instrument">The instrument.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Description">What it counts.</param>
/// <param name="Reason">What tells the counter from others of the instrument; <see langword="null"/> if it is alone.</param>
internal sealed record CounterPlace(string Instrument, string Unit, string Description, string? Reason = null)
{
    /// <summary>What tells counters of one instrument apart.</summary>
    public const string ReasonTag = "datapath.reason";

    public KeyValuePair<string, object?>[] Tags => Reason is null ? [] : [KeyValuePair.Create(ReasonTag, (object?)Reason)];
}
