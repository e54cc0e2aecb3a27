namespace Datapath.Linux.Bpf;

/// <summary>A pinned map whose size may be another than at the last start.</summary>
/// <param name="Option">The option that sets the size; <see langword="null"/> if the version of the package does.</param>
/// <param name="Content">How what it holds is copied; <see langword="null"/> if somebody else sees to its size.</param>
internal sealed record ResizableMap(string? Option, IMapContent? Content)
{
    /// <summary>What helps beside the option if the size is too small, to be read after "or".</summary>
    public string? Relief { get; init; }

    /// <summary>What to do if the map cannot get a size that has too little room.</summary>
    /// <param name="least">The fewest entries that it may have.</param>
    public string AdviceFor(uint least) => Option is null
        ? IncompatibleMapException.StartAfresh
        : $"set {Option} to {least} or more" + (Relief is null ? "" : $", or {Relief}");
}
