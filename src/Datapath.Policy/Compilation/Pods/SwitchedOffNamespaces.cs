namespace Datapath.Policy;

/// <summary>The namespaces whose pods have something switched off, unless they say otherwise themselves.</summary>
internal sealed class SwitchedOffNamespaces(PodSwitch podSwitch)
{
    private readonly HashSet<string> _names = [];

    /// <summary>Takes in what a namespace says; <see langword="null"/> if there is none.</summary>
    /// <returns>Whether that is another thing than before.</returns>
    public bool Set(string name, Namespace? item) => item is not null && podSwitch.IsDisabled(item) ? _names.Add(name) : _names.Remove(name);

    /// <summary>Whether a pod has it switched off.</summary>
    public bool Contain(Pod pod) => podSwitch.IsDisabled(pod) ?? _names.Contains(pod.Metadata.Namespace);
}
