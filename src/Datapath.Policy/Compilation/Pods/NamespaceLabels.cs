using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The labels of namespaces. Each has one that says its name, also one that is not known.</summary>
internal sealed class NamespaceLabels
{
    private readonly Dictionary<string, ImmutableDictionary<string, string>> _labels = [];

    public ImmutableDictionary<string, string> Of(string name) => _labels.TryGetValue(name, out var labels) ? labels : OnlyName(name);

    /// <summary>Takes the labels of a namespace in; <see langword="null"/> if there is none.</summary>
    /// <returns>Whether the labels are others than before.</returns>
    public bool Set(string name, ImmutableDictionary<string, string>? labels)
    {
        var before = Of(name);
        if (labels is null)
            _labels.Remove(name);
        else
            _labels[name] = labels.SetItem(Namespace.NameLabel, name);
        return !ValueEquality.Same(before, Of(name));
    }

    private static ImmutableDictionary<string, string> OnlyName(string name) =>
        ImmutableDictionary<string, string>.Empty.Add(Namespace.NameLabel, name);
}
