namespace Datapath.Hosting;

/// <summary>The cluster whose objects are followed.</summary>
public sealed class KubernetesOptions
{
    /// <summary><c>kubernetes:enabled</c>: whether a cluster is followed. Default: no.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// <c>kubernetes:kubeconfig</c>: the kubeconfig, an absolute path. Default: <see langword="null"/>, the service account of the pod that this process
    /// runs in.
    /// </summary>
    public string? KubeConfig { get; set; }

    /// <summary><c>kubernetes:context</c>: the context of the kubeconfig. Default: <see langword="null"/>, its current one.</summary>
    public string? Context { get; set; }

    /// <summary>
    /// <c>kubernetes:server</c>: the address of the API server, an <c>https</c> URL. Default: <see langword="null"/>, that of the kubeconfig or, in a pod,
    /// the service <c>kubernetes</c>. That service needs somebody who serves it before this process does.
    /// </summary>
    public string? Server { get; set; }

    /// <summary><c>kubernetes:pods</c>: whether the pods of this node are followed, which host ports and redirect policies need. Default: yes.</summary>
    public bool Pods { get; set; } = true;

    /// <summary><c>kubernetes:redirectPolicies</c>: whether redirect policies of both kinds are followed. Default: yes.</summary>
    public bool RedirectPolicies { get; set; } = true;

    /// <summary><c>kubernetes:statusWrites</c>: what this node writes into the status of redirect policies. Default: all.</summary>
    public KubernetesStatusWrites StatusWrites { get; set; }

    /// <summary><c>kubernetes:pageSize</c>: objects in a page of a list, 1 to 10000. Default: 500.</summary>
    public int PageSize { get; set; } = 500;

    /// <summary>
    /// <c>kubernetes:staleAfter</c>, in seconds: how long the server may be out of reach before what is known counts as stale, 1 to 86400. Default: 60.
    /// </summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The times that are no options.</summary>
    internal KubernetesTimings Timings { get; set; } = new();

    /// <summary>Where a pod has its service account.</summary>
    internal string ServiceAccountFolder { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Reads variables of the environment.</summary>
    internal Func<string, string?> Variables { get; set; } = Environment.GetEnvironmentVariable;
}
