namespace Datapath.Policy;

/// <summary>A host port of a pod, all protocols and families of it together.</summary>
internal sealed class HostPortEntry(ServiceName name, PodEntry pod) : Claimant(name)
{
    public PodEntry Pod { get; } = pod;

    /// <summary>What the pod wants of it; empty if it no longer does.</summary>
    public HostPortFrontend[] Frontends { get; set; } = [];

    public override string Description => $"host port of pod {Pod.Name}";

    protected override bool Exists => Frontends.Length > 0;

    public override bool ServesOtherNodes => false;

    public override bool ServesNodeAddresses(L4Address unspecified) =>
        Array.Exists(Frontends, frontend => frontend.Address == unspecified && !frontend.IsLoopback);
}
