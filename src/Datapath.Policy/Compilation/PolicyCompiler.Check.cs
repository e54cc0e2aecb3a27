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
        var issues = new IssueList();
        ObjectValidator.Validate(item, issues);
        return issues.HasErrors ? new(item.Key, ObjectCondition.Rejected, 0, issues.ErrorText()) : new(item.Key, ObjectCondition.Accepted, 0, "known");
    }
}
