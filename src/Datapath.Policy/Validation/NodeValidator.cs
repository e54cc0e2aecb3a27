namespace Datapath.Policy;

/// <summary>The checks of a Node, for the fields that are used.</summary>
internal static class NodeValidator
{
    public static void Validate(Node node, IssueList issues)
    {
        ObjectValidator.ValidateSubdomainName(node.Metadata, issues);
        var ranges = node.PodCidrs.AsSpan();
        for (var i = 0; i < ranges.Length; i++)
        {
            if (!IPRange.TryParse(ranges[i], out _, out _))
                issues.Error($"spec.podCIDRs[{i}]", ranges[i], "must be a range in CIDR form, for example 10.244.1.0/24");
        }

        var addresses = node.Addresses.AsSpan();
        for (var i = 0; i < addresses.Length; i++)
        {
            if (addresses[i].IsIP && !IPValue.TryParse(addresses[i].Address, out _))
                issues.Error($"status.addresses[{i}].address", addresses[i].Address, $"must be an IP address, as type {addresses[i].Type} says");
        }
    }
}
