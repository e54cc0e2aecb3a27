namespace Datapath.Policy;

/// <summary>The checks of label selectors.</summary>
internal static class LabelSelectorValidator
{
    public static void Validate(LabelSelector selector, string field, IssueList issues)
    {
        foreach (var (key, value) in selector.MatchLabels)
        {
            if (!NameRules.IsQualifiedName(key))
                issues.Error($"{field}.matchLabels[{key}]", null, "is no label: a key " + NameRules.QualifiedNameRule);
            else if (!NameRules.IsLabelValue(value))
                issues.Error($"{field}.matchLabels[{key}]", value, NameRules.LabelValueRule);
        }

        for (var i = 0; i < selector.MatchExpressions.Length; i++)
            Validate(selector.MatchExpressions[i], $"{field}.matchExpressions[{i}]", issues);
    }

    /// <summary>What is wrong with a requirement that stands in a text.</summary>
    public static string? ReasonAgainst(LabelRequirement requirement)
    {
        var issues = new IssueList();
        Validate(requirement, "it", issues);
        return issues.HasErrors ? issues.Issues[0] switch { var issue => $"'{issue.Value}' {issue.Reason}" } : null;
    }

    private static void Validate(LabelRequirement requirement, string field, IssueList issues)
    {
        if (!NameRules.IsQualifiedName(requirement.Key))
            issues.Error(field + ".key", requirement.Key, NameRules.QualifiedNameRule);
        if (requirement.Operator is < LabelOperator.In or > LabelOperator.DoesNotExist)
            issues.Error(field + ".operator", requirement.Operator.ToString(), "must be In, NotIn, Exists or DoesNotExist");
        var values = requirement.Values.AsSpan();
        var needsValues = requirement.Operator is LabelOperator.In or LabelOperator.NotIn;
        if (needsValues && values.IsEmpty)
            issues.Error(field + ".values", null, $"needs at least one value for operator {requirement.Operator}");
        if (!needsValues && !values.IsEmpty)
            issues.Error(field + ".values", null, $"must be empty for operator {requirement.Operator}");
        for (var i = 0; i < values.Length; i++)
        {
            if (!NameRules.IsLabelValue(values[i]))
                issues.Error($"{field}.values[{i}]", values[i], NameRules.LabelValueRule);
        }
    }
}
