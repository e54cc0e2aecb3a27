using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Reads what pods and namespaces say by <see cref="Pod.SocketLbAnnotation"/>.</summary>
internal static class SocketLbSetting
{
    private const string Enabled = "enabled";
    private const string Disabled = "disabled";

    /// <summary>Adds what a pod says about itself.</summary>
    public static ObjectMeta Write(ObjectMeta metadata, bool isDisabled) =>
        metadata with { Annotations = metadata.Annotations.SetItem(Pod.SocketLbAnnotation, isDisabled ? Disabled : Enabled) };

    /// <summary>Whether a pod wants its dials left alone; <see langword="null"/> if it leaves that to its namespace.</summary>
    public static bool? IsDisabled(Pod pod) => IsDisabled(pod.Metadata.Annotations);

    /// <summary>Whether the dials of the pods of a namespace are to be left alone. Its annotation comes before its label.</summary>
    public static bool IsDisabled(Namespace item) => IsDisabled(item.Metadata.Annotations) ?? IsDisabled(item.Metadata.Labels) ?? false;

    public static void Validate(Pod pod, IssueList issues) => Validate(pod.Metadata.Annotations, "annotations", issues);

    public static void Validate(Namespace item, IssueList issues)
    {
        Validate(item.Metadata.Annotations, "annotations", issues);
        Validate(item.Metadata.Labels, "labels", issues);
    }

    /// <summary>What is misspelt must not switch anything off.</summary>
    private static bool? IsDisabled(ImmutableDictionary<string, string> texts) =>
        texts.TryGetValue(Pod.SocketLbAnnotation, out var text) ? text == Disabled : null;

    private static void Validate(ImmutableDictionary<string, string> texts, string field, IssueList issues)
    {
        if (texts.TryGetValue(Pod.SocketLbAnnotation, out var text) && text is not (Enabled or Disabled))
            issues.Warn($"metadata.{field}[{Pod.SocketLbAnnotation}]", text, $"must be {Enabled} or {Disabled}, and is taken for {Enabled}");
    }
}
