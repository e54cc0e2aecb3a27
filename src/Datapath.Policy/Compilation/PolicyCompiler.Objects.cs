namespace Datapath.Policy;

/// <content>Takes single objects in: checks them, takes them apart and marks the services that they touch.</content>
public sealed partial class PolicyCompiler
{
    private void Delete(ObjectKey key)
    {
        var name = new ServiceName(key.Namespace, key.Name);
        if (key.Kind is ObjectKind.EndpointSlice)
            RemoveSlice(name);
        else if (key.Kind is ObjectKind.Service && _services.TryGetValue(name, out var entry))
            SetService(entry, plan: null, rejection: null, entry.Priority);
    }

    private void Upsert(KubernetesObject item)
    {
        // The other kinds are read and not compiled: they have no status and no effect.
        if (item.Kind is not (ObjectKind.Service or ObjectKind.EndpointSlice))
            return;
        _issues.Clear();
        ObjectValidator.Validate(item, _issues);
        var rejection = _issues.HasErrors ? _issues.ErrorText() : null;
        if (item is Service service)
            UpsertService(service, rejection);
        else
            UpsertSlice((EndpointSlice)item, rejection);
    }

    private void UpsertService(Service service, string? rejection)
    {
        var entry = GetOrAddService(service.ServiceName);
        if (rejection is not null)
            SetService(entry, plan: null, rejection, entry.Priority);
        else
            SetService(entry, ServicePlan.Of(service), rejection: null, ServicePriority.Of(service));
    }

    private void SetService(ServiceEntry entry, ServicePlan? plan, string? rejection, ServicePriority priority)
    {
        (entry.Plan, entry.Rejection) = (plan, rejection);
        _claims.Update(entry, priority);
        MarkDirty(entry);
    }

    private void UpsertSlice(EndpointSlice slice, string? rejection)
    {
        var name = new ServiceName(slice.Metadata.Namespace, slice.Metadata.Name);
        var before = RemoveSlice(name)?.Status;
        var owner = rejection is null && slice.AddressType is not AddressType.Fqdn ? slice.ServiceName : null;
        var entry = SliceEntry.Of(slice, owner is { } service ? GetOrAddService(service) : null);
        entry.Status = before;
        _slices[name] = entry;
        if (entry.Service is not null)
        {
            entry.Service.Slices.Add(entry);
            MarkDirty(entry.Service);
        }
        else
        {
            entry.Status = StatusWriter.WithoutService(slice, rejection);
            if (entry.Status != before)
                _unowned.Add(entry);
        }
    }

    private SliceEntry? RemoveSlice(ServiceName name)
    {
        if (!_slices.Remove(name, out var entry))
            return null;
        if (entry.Service is { } service)
        {
            service.Slices.Remove(entry);
            MarkDirty(service);
        }

        return entry;
    }

    private ServiceEntry GetOrAddService(ServiceName name)
    {
        if (!_services.TryGetValue(name, out var entry))
            _services.Add(name, entry = new(name));
        return entry;
    }
}
