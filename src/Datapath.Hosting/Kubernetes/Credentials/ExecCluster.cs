namespace Datapath.Hosting;

/// <summary>What a credential plugin is told of a cluster, if it wants to know.</summary>
internal sealed record ExecCluster(Uri Server, string? TlsServerName, bool SkipsVerification, PemText? Authority, string? Proxy)
{
    public bool DisablesCompression { get; init; }
}
