namespace Datapath.Hosting;

/// <summary>The keys of the cluster that is followed.</summary>
internal static class KubernetesKeys
{
    public static KeyGroup Kubernetes() => new(new Dictionary<string, ConfigurationKey>
    {
        ["context"] = new OptionalTextKey(static (o, value) => o.Kubernetes.Context = value),
        ["enabled"] = DatapathKeys.Switch(static (o, value) => o.Kubernetes.Enabled = value),
        ["kubeconfig"] = new OptionalTextKey(static (o, value) => o.Kubernetes.KubeConfig = value),
        ["pageSize"] = DatapathKeys.Number(static (o, value) => o.Kubernetes.PageSize = value),
        ["pods"] = DatapathKeys.Switch(static (o, value) => o.Kubernetes.Pods = value),
        ["redirectPolicies"] = DatapathKeys.Switch(static (o, value) => o.Kubernetes.RedirectPolicies = value),
        ["server"] = new OptionalTextKey(static (o, value) => o.Kubernetes.Server = value),
        ["staleAfter"] = DatapathKeys.Number(static (o, value) => o.Kubernetes.StaleAfter = TimeSpan.FromSeconds(value)),
        ["statusWrites"] = DatapathKeys.Choice<KubernetesStatusWrites>(static (o, value) => o.Kubernetes.StatusWrites = value),
    });
}
