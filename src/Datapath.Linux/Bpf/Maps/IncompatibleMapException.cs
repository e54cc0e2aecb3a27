using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>A map that was to be reused is another than the programs need. The message lists every difference.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class IncompatibleMapException : InvalidOperationException
{
    /// <summary>What to do where a map was left by an earlier start.</summary>
    internal const string StartAfresh = "uninstall, then start again";

    private IncompatibleMapException(string map, ImmutableArray<string> differences, string? advice)
        : base($"map '{map}' cannot be reused: {string.Join("; ", advice is null ? differences : differences.Add(advice))}") => (Map, Differences) = (map, differences);

    /// <summary>The map.</summary>
    public string Map { get; }

    /// <summary>The differences, one sentence each.</summary>
    public ImmutableArray<string> Differences { get; }

    internal static void ThrowIfDifferent(BpfMap map, MapSpec spec) => ThrowIfDifferent(map.Info, spec);

    /// <summary>Refuses a map that may not stand for a spec.</summary>
    /// <param name="info">The map.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="advice">What to do, for the end of the message.</param>
    internal static void ThrowIfDifferent(MapInfo info, MapSpec spec, string? advice = null)
    {
        ImmutableArray<string> differences = [.. info.Differences(spec)];
        if (!differences.IsEmpty)
            throw new IncompatibleMapException(spec.Name, differences, advice);
    }
}
