namespace Datapath.Hosting;

/// <summary>Something that an input told.</summary>
/// <param name="Take">Takes it in.</param>
/// <param name="ToldAt">When, as a timestamp of the clock.</param>
internal readonly record struct ReconcilerInput(Action<ReconcilerInputs> Take, long ToldAt);
