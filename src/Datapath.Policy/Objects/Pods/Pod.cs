using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A <c>Pod</c> of <c>v1</c>.</summary>
public sealed record Pod : KubernetesObject
{
    /// <summary>
    /// The annotation that says whether the pod's own dials are translated: <c>enabled</c>, or <c>disabled</c> to have all of them left
    /// alone (<see cref="LocalPod.IsExempt"/>). Default: as the annotation or, without one, the label of this name on the
    /// <see cref="Namespace"/> says; enabled if it says nothing. Any other value is warned about and taken for enabled.
    /// </summary>
    public const string SocketLbAnnotation = "datapath.io/socket-lb";

    /// <summary>
    /// The annotation that says whether the pod is masqueraded where its node does that: <c>enabled</c>, or <c>disabled</c> to have it keep
    /// its address everywhere. Default: as the annotation or, without one, the label of this name on the <see cref="Namespace"/> says;
    /// enabled if it says nothing. Any other value is warned about and taken for enabled.
    /// </summary>
    public const string MasqueradeAnnotation = "datapath.io/masquerade";

    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.Pod;

    /// <summary>What the pod is to be. Default: not bound to a node, without containers.</summary>
    public PodSpec Spec { get; init; } = PodSpec.Empty;

    /// <summary>What the pod is. Default: pending, without an address.</summary>
    public PodStatus Status { get; init; } = PodStatus.Empty;

    /// <summary>Whether its condition <c>Ready</c> is true. Missing or unknown means no, and the phase does not matter.</summary>
    public bool IsReady
    {
        get
        {
            foreach (var condition in Status.Conditions.AsSpan())
            {
                if (condition.Type == PodCondition.Ready)
                    return condition.Status is ConditionStatus.True;
            }

            return false;
        }
    }

    /// <summary>Whether it is on its way out.</summary>
    public bool IsTerminating => Metadata.DeletionTimestamp is not null;

    /// <summary>Its addresses, each once: <see cref="PodStatus.PodIP"/>, then the others of <see cref="PodStatus.PodIPs"/>.</summary>
    public ImmutableArray<string> Addresses
    {
        get
        {
            var first = Status.PodIP;
            if (string.IsNullOrEmpty(first))
                return [.. Status.PodIPs.AsSpan().ToArray().Distinct(StringComparer.Ordinal)];
            return [.. Status.PodIPs.AsSpan().ToArray().Prepend(first).Distinct(StringComparer.Ordinal)];
        }
    }
}
