using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>How an object is loaded. All of it may be left out.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class BpfLoadOptions
{
    /// <summary>
    /// Maps to take instead of new ones, by their names in the object. The caller goes on owning them, and what they hold stays as it is:
    /// initial values of the object are not written to them.
    /// </summary>
    public IReadOnlyDictionary<string, BpfMap> ReusedMaps { get; init; } = ImmutableDictionary<string, BpfMap>.Empty;

    /// <summary>
    /// The folder of the maps that are shared by name (<see cref="MapPinning.ByName"/>), on a bpf filesystem, for example
    /// <c>/sys/fs/bpf/tracer</c>. It is made if it does not exist. Needed only if there are such maps.
    /// </summary>
    public string? PinDirectory { get; init; }

    /// <summary>The types to fit programs to (CO-RE), for a kernel that has none built in; those of the running kernel by default.</summary>
    public KernelBtf? KernelTypes { get; init; }

    /// <summary>What the verifier writes down of each program that it accepts, for <see cref="BpfProgram.VerifierLog"/>; nothing by default.</summary>
    public VerifierLogLevel VerifierLog { get; init; }
}
