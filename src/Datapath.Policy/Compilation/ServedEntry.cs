namespace Datapath.Policy;

/// <summary>Something of the input that becomes a service of the desired state.</summary>
internal abstract class ServedEntry(ServiceName name)
{
    public ServiceName Name { get; } = name;

    /// <summary>What it is in the desired state now; <see langword="null"/> if it is not there.</summary>
    public DesiredService? Compiled { get; set; }
}
