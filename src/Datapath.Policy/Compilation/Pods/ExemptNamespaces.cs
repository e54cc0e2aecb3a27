namespace Datapath.Policy;

/// <summary>The namespaces whose pods want their dials left alone, unless they say otherwise themselves.</summary>
internal sealed class ExemptNamespaces
{
    private readonly HashSet<string> _names = [];

    /// <summary>Takes in what a namespace says; <see langword="null"/> if there is none.</summary>
    /// <returns>Whether that is another thing than before.</returns>
    public bool Set(string name, Namespace? item) => item is not null && SocketLbSetting.IsDisabled(item) ? _names.Add(name) : _names.Remove(name);

    /// <summary>Whether the dials of a pod are left alone.</summary>
    public bool AreDialsLeftAlone(Pod pod) => SocketLbSetting.IsDisabled(pod) ?? _names.Contains(pod.Metadata.Namespace);
}
