using System.Collections.Immutable;

namespace Datapath.Linux;

/// <summary>What the kernel should hold for a datapath, to be held against what it does.</summary>
/// <param name="Frontends">The frontends, in the order of their addresses.</param>
/// <param name="Programs">The programs, by name.</param>
/// <param name="CgroupId">The cgroup to which they should be attached, by id.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record DatapathExpectation(ImmutableArray<ExpectedFrontend> Frontends, ImmutableArray<string> Programs, ulong CgroupId)
{
    /// <summary>The ranges, in the order of their addresses. Default: none.</summary>
    public ImmutableArray<ExpectedRange> Ranges { get; init; } = [];

    /// <summary>The numbers.</summary>
    public override string ToString() => $"{Frontends.Length} frontends, {Ranges.Length} ranges, {Programs.Length} programs at cgroup {CgroupId}";
}
