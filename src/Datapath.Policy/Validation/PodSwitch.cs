using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A switch that pods and namespaces set by an annotation, the latter also by a label of the same name.</summary>
internal sealed class PodSwitch
{
    private const string Enabled = "enabled";
    private const string Disabled = "disabled";

    private readonly string _name;

    private PodSwitch(string name) => _name = name;

    /// <summary>Whether the dials of pods are translated.</summary>
    public static PodSwitch SocketLb { get; } = new(Pod.SocketLbAnnotation);

    /// <summary>Whether pods are masqueraded.</summary>
    public static PodSwitch Masquerade { get; } = new(Pod.MasqueradeAnnotation);

    public static ImmutableArray<PodSwitch> All { get; } = [SocketLb, Masquerade];

    /// <summary>Adds what a pod says about itself.</summary>
    public ObjectMeta Write(ObjectMeta metadata, bool isDisabled) =>
        metadata with { Annotations = metadata.Annotations.SetItem(_name, isDisabled ? Disabled : Enabled) };

    /// <summary>Whether a pod has it switched off; <see langword="null"/> if it leaves that to its namespace.</summary>
    public bool? IsDisabled(Pod pod) => IsDisabled(pod.Metadata.Annotations);

    /// <summary>Whether the pods of a namespace have it switched off. Its annotation comes before its label.</summary>
    public bool IsDisabled(Namespace item) => IsDisabled(item.Metadata.Annotations) ?? IsDisabled(item.Metadata.Labels) ?? false;

    public void Validate(Pod pod, IssueList issues) => Validate(pod.Metadata.Annotations, "annotations", issues);

    public void Validate(Namespace item, IssueList issues)
    {
        Validate(item.Metadata.Annotations, "annotations", issues);
        Validate(item.Metadata.Labels, "labels", issues);
    }

    /// <summary>Labels are for anybody to choose; on a pod this one looks as if it did something.</summary>
    public void WarnOfLabel(Pod pod, IssueList issues)
    {
        if (pod.Metadata.Labels.ContainsKey(_name))
            issues.Warn($"metadata.labels[{_name}]", null, $"has no effect: on a {nameof(Pod)} it must be an annotation");
    }

    /// <summary>What is misspelt must not switch anything off.</summary>
    private bool? IsDisabled(ImmutableDictionary<string, string> texts) => texts.TryGetValue(_name, out var text) ? text == Disabled : null;

    private void Validate(ImmutableDictionary<string, string> texts, string field, IssueList issues)
    {
        if (texts.TryGetValue(_name, out var text) && text is not (Enabled or Disabled))
            issues.Warn($"metadata.{field}[{_name}]", text, $"must be {Enabled} or {Disabled}, and is taken for {Enabled}");
    }
}
