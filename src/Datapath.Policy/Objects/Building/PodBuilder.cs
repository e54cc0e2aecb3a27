namespace Datapath.Policy;

/// <summary>
/// Makes a pod in code, for hosts without Kubernetes: a group of processes with addresses or a cgroup of its own, to be a backend of
/// redirects or a client that is told from others.
/// </summary>
/// <remarks>Each call changes the builder and returns it. <see cref="Build"/> may be called repeatedly.</remarks>
public sealed class PodBuilder
{
    private readonly List<ContainerPort> _ports = [];
    private readonly List<string> _addresses = [];
    private ObjectMeta _metadata;
    private bool _isReady = true;
    private bool _isHostNetwork;
    private string? _node;

    /// <summary>Starts a ready pod without addresses and ports.</summary>
    /// <param name="namespace">Its namespace, a DNS label.</param>
    /// <param name="name">Its name.</param>
    public PodBuilder(string @namespace, string name)
    {
        ArgumentNullException.ThrowIfNull(@namespace, nameof(@namespace));
        ArgumentNullException.ThrowIfNull(name);
        _metadata = new() { Namespace = @namespace, Name = name };
    }

    /// <summary>Sets a label.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public PodBuilder Label(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _metadata = _metadata with { Labels = _metadata.Labels.SetItem(key, value) };
        return this;
    }

    /// <summary>Says where it runs; only pods of the compiled node count.</summary>
    /// <param name="node">The node's name.</param>
    public PodBuilder OnNode(string node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _node = node;
        return this;
    }

    /// <summary>Adds an address, of either family.</summary>
    /// <param name="address">The address.</param>
    public PodBuilder Address(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _addresses.Add(address);
        return this;
    }

    /// <summary>Declares a port.</summary>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="protocol">The protocol. Default: TCP.</param>
    /// <param name="name">Its name. Default: none.</param>
    /// <param name="hostPort">A port of the node that leads to it. Default: 0, none.</param>
    public PodBuilder Port(int port, L4Protocol protocol = L4Protocol.Tcp, string name = "", int hostPort = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        _ports.Add(new() { Port = port, Protocol = protocol, Name = name, HostPort = hostPort });
        return this;
    }

    /// <summary>Says whether it can do its work.</summary>
    /// <param name="isReady">Whether it is ready. Default: <see langword="true"/>, which a new builder has.</param>
    public PodBuilder Ready(bool isReady = true)
    {
        _isReady = isReady;
        return this;
    }

    /// <summary>Gives it the identifier by which it is found if it is on the host's network: it is part of the name of its cgroup.</summary>
    /// <param name="uid">The identifier. Default: none, which a new builder has.</param>
    public PodBuilder Uid(string uid)
    {
        ArgumentNullException.ThrowIfNull(uid);
        _metadata = _metadata with { Uid = uid };
        return this;
    }

    /// <summary>Says whether it is on the network of its node, rather than one of its own.</summary>
    /// <param name="isHostNetwork">Whether it is. Default: <see langword="true"/>, where a new builder has <see langword="false"/>.</param>
    public PodBuilder HostNetwork(bool isHostNetwork = true)
    {
        _isHostNetwork = isHostNetwork;
        return this;
    }

    /// <summary>Says whether its dials are left alone (<see cref="Pod.SocketLbAnnotation"/>), whatever its namespace says.</summary>
    /// <param name="isExempt">Whether they are. Default: <see langword="true"/>; a new builder leaves it to the namespace.</param>
    public PodBuilder Exempt(bool isExempt = true)
    {
        _metadata = PodSwitch.SocketLb.Write(_metadata, isExempt);
        return this;
    }

    /// <summary>Says whether it keeps its address when it talks to the outside (<see cref="Pod.MasqueradeAnnotation"/>), whatever its namespace says.</summary>
    /// <param name="keepsAddress">Whether it does. Default: <see langword="true"/>; a new builder leaves it to the namespace.</param>
    public PodBuilder KeepAddress(bool keepsAddress = true)
    {
        _metadata = PodSwitch.Masquerade.Write(_metadata, keepsAddress);
        return this;
    }

    /// <summary>The pod.</summary>
    public Pod Build() => new()
    {
        Metadata = _metadata,
        Spec = new() { NodeName = _node, HostNetwork = _isHostNetwork, Containers = [new() { Name = "main", Ports = [.. _ports] }] },
        Status = new()
        {
            Phase = PodPhase.Running,
            PodIP = _addresses.FirstOrDefault(),
            PodIPs = [.. _addresses],
            Conditions = [new(PodCondition.Ready, _isReady ? ConditionStatus.True : ConditionStatus.False)],
        },
    };
}
