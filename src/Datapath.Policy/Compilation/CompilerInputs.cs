namespace Datapath.Policy;

/// <summary>All that is known of the objects, taken apart, and which of it waits to be compiled.</summary>
internal sealed class CompilerInputs
{
    public CompilerInputs(NodeConfiguration configuration)
    {
        Configuration = configuration;
        Node = new(configuration, node: null);
        Redirects = new(this);
        Claims = new(MarkDirty, OnAddressChanged);
    }

    /// <summary>The configuration as it was given.</summary>
    public NodeConfiguration Configuration { get; set; }

    /// <summary>The node, with what its object adds to the configuration.</summary>
    public NodeView Node { get; set; }

    /// <summary>The nodes that are compiled for elsewhere.</summary>
    public OtherNodes OtherNodes { get; set; } = OtherNodes.None;

    public Dictionary<ServiceName, ServiceEntry> Services { get; } = [];

    public Dictionary<ServiceName, SliceEntry> Slices { get; } = [];

    public Dictionary<PodName, PodEntry> Pods { get; } = [];

    public LocalPods LocalPods { get; } = new();

    public NamespaceLabels Namespaces { get; } = new();

    /// <summary>The namespaces whose pods want their dials left alone.</summary>
    public SwitchedOffNamespaces ExemptNamespaces { get; } = new(PodSwitch.SocketLb);

    public HealthTable Health { get; } = new();

    public RedirectTable Redirects { get; }

    public AddressClaims Claims { get; }

    /// <summary>What the sources refuse.</summary>
    public RefusalBook Refusals { get; } = new();

    /// <summary>Services and host ports that wait to be compiled. A flag of theirs says so: a set would be felt, there are so many.</summary>
    public List<Claimant> Dirty { get; } = [];

    public ServiceEntry GetOrAddService(ServiceName name)
    {
        if (!Services.TryGetValue(name, out var entry))
            Services.Add(name, entry = new(name));
        return entry;
    }

    public void MarkDirty(Claimant entry)
    {
        if (entry.IsDirty)
            return;
        entry.IsDirty = true;
        Dirty.Add(entry);
    }

    /// <summary>What is served at an address depends on who holds it, and on who holds the port on the unspecified address.</summary>
    private void OnAddressChanged(L4Address address)
    {
        Redirects.OnAddressChanged(address);
        if ((Node.IsNodePort(address) || OtherNodes.Contains(address))
            && Claims.HolderOf(L4Address.Unspecified(address.IsIPv4, address.Port, address.Protocol)) is { } holder)
            MarkDirty(holder);
    }
}
