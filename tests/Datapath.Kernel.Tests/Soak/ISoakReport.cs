using System.Collections.Immutable;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>What a soak has shown.</summary>
internal interface ISoakReport
{
    /// <summary>The first of what was wrong, in words.</summary>
    ImmutableArray<string> Faults { get; }

    /// <summary>Whether nothing was wrong.</summary>
    bool IsClean { get; }

    /// <summary>Names and values, as they are printed and given to programs.</summary>
    IEnumerable<(string Name, object Value)> Rows();
}
