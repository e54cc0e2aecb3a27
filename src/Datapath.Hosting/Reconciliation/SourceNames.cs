using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What sources are called, in the log and elsewhere.</summary>
internal static class SourceNames
{
    /// <summary>The names of a host's sources of objects, in their order.</summary>
    public static ImmutableArray<string> Of(IEnumerable<IObjectSource> sources) =>
        Distinct(sources.Select(static source => ($"the source of objects {source.GetType().Name}", source is ManifestFolderSource folder ? $"'{folder.FullPath}'" : null)));

    /// <summary>The names of a host's sources of health, in their order.</summary>
    public static ImmutableArray<string> Of(IEnumerable<IHealthSource> sources) => Distinct(sources.Select(static source => ($"the health source {source.GetType().Name}", (string?)null)));

    // Several of one type are told apart by what they are of, or else by their number among themselves, as they were added.
    private static ImmutableArray<string> Distinct(IEnumerable<(string Name, string? Of)> sources)
    {
        var all = sources.ToArray();
        var shared = Shared(all.Select(static source => source.Name));
        string[] names = [.. all.Select(source => source.Of is { } of && shared.Contains(source.Name) ? $"{source.Name} {of}" : source.Name)];
        shared = Shared(names);
        return [.. names.Select((name, index) => shared.Contains(name) ? $"{name} no. {names.Take(index + 1).Count(other => other == name)}" : name)];
    }

    private static HashSet<string> Shared(IEnumerable<string> names) => [.. names.CountBy(static name => name).Where(static item => item.Value > 1).Select(static item => item.Key)];
}
