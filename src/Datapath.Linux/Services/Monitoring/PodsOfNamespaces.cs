namespace Datapath.Linux.Services;

/// <summary>Names clients by what somebody knows of their network namespaces.</summary>
/// <param name="podOf">The pod of a cookie.</param>
internal sealed class PodsOfNamespaces(Func<ulong, PodName?> podOf) : IClientNames
{
    public string? NameOf(ulong netnsCookie, ulong cgroupId) => podOf(netnsCookie)?.ToString();
}
