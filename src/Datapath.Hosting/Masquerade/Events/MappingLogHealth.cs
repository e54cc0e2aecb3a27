namespace Datapath.Hosting;

/// <summary>What is wrong with the log of mappings, for who looks at the host's health.</summary>
internal sealed class MappingLogHealth
{
    private volatile string? _failure;

    /// <summary><see langword="null"/>: nothing.</summary>
    public string? Failure
    {
        get => _failure;
        set => _failure = value;
    }
}
