using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>A map that was to be reused is another than the programs need. The message lists every difference.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class IncompatibleMapException : InvalidOperationException
{
    private IncompatibleMapException(string map, ImmutableArray<string> differences)
        : base($"map '{map}' cannot be reused: {string.Join("; ", differences)}") => (Map, Differences) = (map, differences);

    /// <summary>The map.</summary>
    public string Map { get; }

    /// <summary>The differences, one sentence each.</summary>
    public ImmutableArray<string> Differences { get; }

    internal static void ThrowIfDifferent(BpfMap map, MapSpec spec) => ThrowIfDifferent(map.Info, spec);

    internal static void ThrowIfDifferent(MapInfo info, MapSpec spec)
    {
        ImmutableArray<string> differences = [.. info.Differences(spec)];
        if (!differences.IsEmpty)
            throw new IncompatibleMapException(spec.Name, differences);
    }
}
