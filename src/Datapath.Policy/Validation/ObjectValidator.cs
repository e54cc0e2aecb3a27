using System.Globalization;

namespace Datapath.Policy;

/// <summary>What is checked in the same way for all objects, and the way to the checks of each kind.</summary>
internal static class ObjectValidator
{
    public static void Validate(KubernetesObject value, IssueList issues)
    {
        switch (value)
        {
            case Service service:
                ServiceValidator.Validate(service, issues);
                break;
            case EndpointSlice slice:
                EndpointSliceValidator.Validate(slice, issues);
                break;
            case Pod pod:
                PodValidator.Validate(pod, issues);
                break;
            case Node node:
                NodeValidator.Validate(node, issues);
                break;
            case Namespace item:
                ValidateLabelName(item.Metadata, issues);
                foreach (var podSwitch in PodSwitch.All)
                    podSwitch.Validate(item, issues);
                break;
            case CiliumLocalRedirectPolicy policy:
                CiliumRedirectValidator.Validate(policy, issues);
                break;
            case ClusterLocalRedirectPolicy policy:
                ClusterRedirectValidator.Validate(policy, issues);
                break;
            default:
                throw new ArgumentException($"objects of kind {value.Kind} have no checks", nameof(value));
        }
    }

    public static void ValidateLabelName(ObjectMeta metadata, IssueList issues)
    {
        if (!NameRules.IsLabel(metadata.Name))
            issues.Error("metadata.name", metadata.Name, NameRules.LabelRule);
    }

    public static void ValidateSubdomainName(ObjectMeta metadata, IssueList issues)
    {
        if (!NameRules.IsSubdomain(metadata.Name))
            issues.Error("metadata.name", metadata.Name, NameRules.SubdomainRule);
    }

    public static void ValidateNamespace(ObjectMeta metadata, IssueList issues)
    {
        if (!NameRules.IsLabel(metadata.Namespace))
            issues.Error("metadata.namespace", metadata.Namespace, NameRules.LabelRule);
    }

    /// <summary>Reports a port number that is none. The field's path is put together only then.</summary>
    public static void ValidatePort(int port, IssueList issues, string list, int index)
    {
        if (port is < 1 or > 65535)
            issues.Error($"{list}[{index}].port", port.ToString(CultureInfo.InvariantCulture), "must be 1 to 65535");
    }

    public static bool IsKnown(L4Protocol protocol) => protocol is L4Protocol.Tcp or L4Protocol.Udp or L4Protocol.Sctp;
}
