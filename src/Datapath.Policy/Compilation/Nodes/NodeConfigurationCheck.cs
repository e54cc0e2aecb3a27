using System.Globalization;
using System.Runtime.CompilerServices;

namespace Datapath.Policy;

/// <summary>Refuses configurations that no rule could follow.</summary>
internal static class NodeConfigurationCheck
{
    /// <exception cref="ArgumentException">A property has a value that it must not have. The message names both.</exception>
    public static void ThrowIfInvalid(NodeConfiguration node, [CallerArgumentExpression(nameof(node))] string? argument = null)
    {
        ArgumentNullException.ThrowIfNull(node, argument);
        if (ReasonAgainst(node) is { } reason)
            throw new ArgumentException(reason, argument);
    }

    /// <summary>Finds names that no object of a cluster could have. They do no harm here, and match nothing.</summary>
    public static void CheckNames(NodeConfiguration node, IssueList issues)
    {
        if (!NameRules.IsSubdomain(node.Name))
            issues.Error(nameof(node.Name), node.Name, NameRules.SubdomainRule);
        foreach (var (key, value) in node.Labels.OrderBy(static label => label.Key, StringComparer.Ordinal))
        {
            if (!NameRules.IsQualifiedName(key))
                issues.Error(nameof(node.Labels), key, NameRules.QualifiedNameRule);
            if (value is null || !NameRules.IsLabelValue(value))
                issues.Error($"{nameof(node.Labels)}[{key}]", value ?? "null", NameRules.LabelValueRule);
        }

        if (node.Zone is { } zone && (zone.Length == 0 || !NameRules.IsLabelValue(zone)))
            issues.Error(nameof(node.Zone), zone, "must be the value of a label: 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends");
        if (node.HealthCheckAnnotation is { } annotation && !NameRules.IsQualifiedName(annotation))
            issues.Error(nameof(node.HealthCheckAnnotation), annotation, NameRules.QualifiedNameRule);
    }

    private static string? ReasonAgainst(NodeConfiguration node)
    {
        if (node.Name is null)
            return $"{nameof(node.Name)}: null must be a name; empty for none";
        if (node.Labels is null)
            return $"{nameof(node.Labels)}: null must be a dictionary; empty for none";
        if (node.NodePortRange is { First: 0 } || node.NodePortRange.Last < node.NodePortRange.First)
            return $"{nameof(node.NodePortRange)}: {node.NodePortRange} must begin with 1 or more and must not end before that";
        if (!IsPrime(node.MaglevTableSize))
            return string.Create(CultureInfo.InvariantCulture, $"{nameof(node.MaglevTableSize)}: {node.MaglevTableSize} must be a prime");
        if (!Enum.IsDefined(node.Algorithm))
            return $"{nameof(node.Algorithm)}: {node.Algorithm} is not known";
        if (!Enum.IsDefined(node.Forwarding))
            return $"{nameof(node.Forwarding)}: {node.Forwarding} is not known";
        foreach (var address in node.Addresses.AsSpan())
        {
            if (address.Address is null)
                return $"{nameof(node.Addresses)}: null must be an address";
        }

        return null;
    }

    private static bool IsPrime(int number)
    {
        for (var divisor = 2; divisor <= number / divisor; divisor++)
        {
            if (number % divisor == 0)
                return false;
        }

        return number > 1;
    }
}
