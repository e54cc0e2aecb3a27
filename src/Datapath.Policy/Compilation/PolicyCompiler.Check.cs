using System.Collections.Immutable;

namespace Datapath.Policy;

/// <content>What can be said of an object alone.</content>
public sealed partial class PolicyCompiler
{
    /// <summary>Looks at an object by itself, as <see cref="Apply(ObjectBatch)"/> does before it takes it in. What other objects make of it is not looked at.</summary>
    /// <param name="item">The object.</param>
    /// <returns><see cref="ObjectCondition.Accepted"/>, or <see cref="ObjectCondition.Rejected"/> with all its mistakes: field, value and reason.</returns>
    public static ObjectStatus Check(KubernetesObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return StatusAlone(item, ReasonAgainst(item, new()));
    }

    /// <summary>Says of a backend that is made in code whether its values can be right, in its own terms rather than those of the slice that it becomes a part of.</summary>
    /// <param name="service">The service that it is for.</param>
    /// <param name="backend">The backend.</param>
    /// <returns>The status that its service would have because of it.</returns>
    public static ObjectStatus Check(ServiceName service, ServiceBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var issues = new IssueList();
        BackendValidator.Validate(backend, issues);
        var key = new ObjectKey(ObjectKind.Service, service.Namespace, service.Name);
        return issues.HasErrors
            ? new(key, ObjectCondition.Rejected, 0, $"backend '{backend.Address}': {issues.ErrorText()}")
            : new(key, ObjectCondition.Accepted, 0, "known");
    }

    /// <summary>
    /// Looks for names in a configuration that no object of a cluster could have, and that therefore match nothing: those of the node, its labels and zone, and of
    /// the annotation of health checks. The compiler takes them as they are.
    /// </summary>
    /// <param name="node">The configuration.</param>
    /// <returns>The errors, each with field, value and reason; none if there are none.</returns>
    /// <exception cref="ArgumentException">A property has a value that it must not have, as in <see cref="PolicyCompiler(NodeConfiguration)"/>.</exception>
    public static ImmutableArray<Diagnostic> Check(NodeConfiguration node)
    {
        NodeConfigurationCheck.ThrowIfInvalid(node);
        var issues = new IssueList();
        NodeConfigurationCheck.CheckNames(node, issues);
        return MasqueradeCompilation.ToDiagnostics(issues);
    }

    private static string? ReasonAgainst(KubernetesObject item, IssueList issues)
    {
        issues.Clear();
        ObjectValidator.Validate(item, issues);
        return issues.HasErrors ? issues.ErrorText() : null;
    }

    private static ObjectStatus StatusAlone(KubernetesObject item, string? rejection) =>
        rejection is null ? new(item.Key, ObjectCondition.Accepted, 0, "known") : new(item.Key, ObjectCondition.Rejected, 0, rejection);
}
