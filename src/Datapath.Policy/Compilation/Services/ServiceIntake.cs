namespace Datapath.Policy;

/// <summary>Takes services and their endpoint slices in.</summary>
internal sealed class ServiceIntake(CompilerInputs inputs)
{
    /// <summary>New statuses of slices that belong to no service, so that nobody writes them but this.</summary>
    public List<(SliceEntry Slice, ObjectStatus Status)> Unowned { get; } = [];

    /// <summary>Whether the service is valid, and as it was.</summary>
    public bool Knows(Service service) =>
        inputs.Services.TryGetValue(service.ServiceName, out var entry) && service.Equals(entry.Plan?.Service);

    /// <summary>Whether the slice is as it was.</summary>
    public bool Knows(EndpointSlice slice) =>
        inputs.Slices.TryGetValue(new(slice.Metadata.Namespace, slice.Metadata.Name), out var entry) && slice.Equals(entry.Slice);

    public void Upsert(Service service, string? rejection)
    {
        var entry = inputs.GetOrAddService(service.ServiceName);
        if (rejection is not null)
            Set(entry, plan: null, rejection, entry.Priority);
        else
            Set(entry, ServicePlan.Of(service, inputs.Node), rejection: null, ClaimPriority.Of(service));
    }

    public void Delete(ServiceName name)
    {
        if (inputs.Services.TryGetValue(name, out var entry))
            Set(entry, plan: null, rejection: null, entry.Priority);
    }

    public void Upsert(EndpointSlice slice, string? rejection)
    {
        var name = new ServiceName(slice.Metadata.Namespace, slice.Metadata.Name);
        var before = RemoveSlice(name);
        var owner = rejection is null && slice.AddressType is not AddressType.Fqdn ? slice.ServiceName : null;
        var entry = SliceEntry.Of(slice, owner is { } service ? inputs.GetOrAddService(service) : null, before);
        entry.Status = before?.Status;
        inputs.Slices[name] = entry;
        if (entry.Service is not null)
        {
            entry.Service.Add(entry);
            inputs.MarkDirty(entry.Service);
        }
        else
        {
            var status = ServiceStatusWriter.WithoutService(slice, rejection);
            if (status != before?.Status)
                Unowned.Add((entry, status));
        }
    }

    public SliceEntry? RemoveSlice(ServiceName name)
    {
        if (!inputs.Slices.Remove(name, out var entry))
            return null;
        if (entry.Service is { } service)
        {
            service.Remove(entry);
            inputs.MarkDirty(service);
        }

        return entry;
    }

    public void Apply(HealthResult result)
    {
        if (inputs.Health.Set(result) && inputs.Services.TryGetValue(result.Service, out var entry))
            inputs.MarkDirty(entry);
    }

    /// <summary>Looks at all services again: the node is another one.</summary>
    public void PlanAgain()
    {
        foreach (var entry in inputs.Services.Values.ToArray())
        {
            if (entry.Plan is { } plan)
                Set(entry, ServicePlan.Of(plan.Service, inputs.Node), rejection: null, entry.Priority);
        }
    }

    private void Set(ServiceEntry entry, ServicePlan? plan, string? rejection, ClaimPriority priority)
    {
        // The addresses may stay, and be cluster addresses no longer: policies that wait for them are told of another way out.
        if (entry.Plan is not null && plan is not null && !plan.Frontends.AsSpan().SequenceEqual(entry.Plan.Frontends))
            Array.ForEach(entry.Claimed, inputs.Redirects.OnAddressChanged);
        (entry.Plan, entry.Rejection) = (plan, rejection);
        inputs.Claims.Update(entry, plan?.Addresses ?? [], priority);
        inputs.MarkDirty(entry);
    }
}
