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
