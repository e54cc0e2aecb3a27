namespace Datapath.Policy;

/// <content>Takes single objects in: checks them and passes them to those who take their kind apart.</content>
public sealed partial class PolicyCompiler
{
    private void Delete(ObjectKey key)
    {
        switch (key.Kind)
        {
            case ObjectKind.Service:
                _serviceIntake.Delete(new(key.Namespace, key.Name));
                break;
            case ObjectKind.EndpointSlice:
                _serviceIntake.RemoveSlice(new(key.Namespace, key.Name));
                break;
            case ObjectKind.Pod:
                _podIntake.Delete(new(key.Namespace, key.Name));
                break;
            case ObjectKind.CiliumLocalRedirectPolicy or ObjectKind.ClusterLocalRedirectPolicy:
                _redirectIntake.Delete(key);
                break;
            case ObjectKind.Namespace:
                _statuses.Remove(key);
                SetNamespace(key.Name, item: null);
                break;
            case ObjectKind.Node:
                _statuses.Remove(key);
                SetNode(key.Name, null);
                break;
        }
    }

    private void Upsert(KubernetesObject item)
    {
        if (IsKnown(item))
            return;
        var rejection = ReasonAgainst(item);
        switch (item)
        {
            case Service service:
                _serviceIntake.Upsert(service, rejection);
                break;
            case EndpointSlice slice:
                _serviceIntake.Upsert(slice, rejection);
                break;
            case Pod pod:
                _podIntake.Upsert(pod, rejection);
                break;
            case Namespace value:
                SetNamespace(value.Metadata.Name, rejection is null ? value : null);
                Note(value, rejection);
                break;
            case Node node:
                UpsertNode(node, rejection);
                break;
            default:
                _redirectIntake.Upsert(item, rejection);
                break;
        }
    }

    /// <summary>Whether the very same object was taken in before, so that nothing changes: validity is a matter of the object alone.</summary>
    private bool IsKnown(KubernetesObject item) => item switch
    {
        Service service => _serviceIntake.Knows(service),
        EndpointSlice slice => _serviceIntake.Knows(slice),
        Pod pod => _podIntake.Knows(pod),
        CiliumLocalRedirectPolicy or ClusterLocalRedirectPolicy => _redirectIntake.Knows(item),
        _ => false,
    };

    private string? ReasonAgainst(KubernetesObject item) => ReasonAgainst(item, _issues);

    private void SetNamespace(string name, Namespace? item)
    {
        if (_inputs.Namespaces.Set(name, item?.Metadata.Labels))
            _inputs.Redirects.OnNamespaceChanged();
        if (_inputs.ExemptNamespaces.Set(name, item))
            _podIntake.OnNamespaceChanged(name);
    }

    private void UpsertNode(Node node, string? rejection)
    {
        Note(node, rejection);
        SetNode(node.Metadata.Name, rejection is null ? node : null);
    }

    /// <summary>Keeps the node's object, whatever the name: the configuration may come to mean another one.</summary>
    private void SetNode(string name, Node? node)
    {
        if (node is null)
            _nodes.Remove(name);
        else
            _nodes[name] = node;
        if (name == Node.Name)
            UpdateNode();
        _haveNodesChanged = true;
    }

    /// <summary>Nodes and namespaces have no effect of their own.</summary>
    private void Note(KubernetesObject item, string? rejection) => _statuses.Set(StatusAlone(item, rejection), _changedStatuses);

    private void UpdateNode()
    {
        var view = new NodeView(_inputs.Configuration, _nodes.GetValueOrDefault(_inputs.Configuration.Name));
        if (view.Configuration.Equals(_inputs.Node.Configuration))
            return;
        _inputs.Node = view;
        _haveNodesChanged = true;
        _serviceIntake.PlanAgain();
        _podIntake.PlanAgain();
        _redirectIntake.PlanAgain(policy => ReasonAgainst(policy) is null);
    }

    /// <summary>Once for all nodes of a batch.</summary>
    private void UpdateOtherNodes()
    {
        if (!_haveNodesChanged)
            return;
        _haveNodesChanged = false;
        var others = OtherNodes.Of(_nodes.Values, _inputs.Node);
        if (others.HasSameAddresses(_inputs.OtherNodes))
            return;
        _inputs.Redirects.OnOtherNodesChanged(_inputs.OtherNodes, others);
        _inputs.OtherNodes = others;
        foreach (var entry in _inputs.Services.Values)
        {
            if (entry.Plan?.Frontends.Any(static frontend => frontend.Type is FrontendType.NodePort) is true)
                _inputs.MarkDirty(entry);
        }
    }
}
