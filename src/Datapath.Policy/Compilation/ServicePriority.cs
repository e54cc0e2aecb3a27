namespace Datapath.Policy;

/// <summary>Who keeps an address that several services claim: the older (no creation time = newest), then the first by name.</summary>
internal readonly record struct ServicePriority(DateTimeOffset Created, ServiceName Name) : IComparable<ServicePriority>
{
    public static ServicePriority Of(Service service) =>
        new(service.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue, service.ServiceName);

    public int CompareTo(ServicePriority other)
    {
        var byAge = Created.CompareTo(other.Created);
        return byAge != 0 ? byAge : Name.CompareTo(other.Name);
    }
}
