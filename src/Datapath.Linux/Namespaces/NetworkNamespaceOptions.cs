namespace Datapath.Linux.Namespaces;

/// <summary>How a new network namespace is set up.</summary>
/// <remarks>Minimum kernel: 4.11.</remarks>
public sealed record NetworkNamespaceOptions
{
    /// <summary>
    /// Whether the loopback interface is set up, so that 127.0.0.1 and ::1 work. The default is <see langword="true"/>; the kernel makes it down.
    /// </summary>
    public bool LoopbackUp { get; init; } = true;
}
