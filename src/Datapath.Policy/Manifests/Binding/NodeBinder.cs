using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Binds a Node of v1. Nearly all of one is about other things: nothing is said about fields that are not read.</summary>
internal static class NodeBinder
{
    public static Node Bind(FieldReader root, IssueList issues) => new()
    {
        Metadata = MetadataBinder.BindClusterwide(root, issues),
        PodCidrs = BindRanges(root.Mapping("spec")),
        Addresses = root.Mapping("status").List("addresses", BindAddress),
    };

    private static ImmutableArray<string> BindRanges(FieldReader fields)
    {
        var first = fields.String("podCIDR");
        var all = fields.Strings("podCIDRs");
        return all.IsEmpty && !string.IsNullOrEmpty(first) ? [first] : all;
    }

    private static NodeAddress BindAddress(FieldReader fields)
    {
        fields.Require("type");
        fields.Require("address");
        return new(fields.String("type") ?? "", fields.String("address") ?? "");
    }
}
