using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>Lists for people: what the members of a record are, not which type holds them.</summary>
internal static class ListText
{
    public static string Of<T>(ImmutableArray<T> items) => items.IsDefault ? "[]" : $"[{string.Join(", ", items)}]";
}
