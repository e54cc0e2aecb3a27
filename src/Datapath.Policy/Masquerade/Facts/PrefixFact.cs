namespace Datapath.Policy;

/// <summary>Something that is known of the addresses in a range, and who said so.</summary>
/// <param name="Range">The addresses.</param>
/// <param name="Value">What is known.</param>
/// <param name="Origin">The field that says it, for people; empty if it is always so.</param>
/// <param name="Object">The object that has the field; <see langword="null"/> if it is of the configuration.</param>
internal readonly record struct PrefixFact<T>(IPRange Range, T Value, string Origin, KubernetesObject? Object = null)
{
    public string Describe() => Object is null ? Origin : $"{Origin} of {Object.Key}";
}
