namespace Datapath.Policy;

/// <summary>
/// Who keeps an address that several claim: services before host ports, then the older (no creation time = newest), then the first by name.
/// </summary>
internal readonly record struct ClaimPriority(int Rank, DateTimeOffset Created, ServiceName Name) : IComparable<ClaimPriority>
{
    private const int ServiceRank = 0;
    private const int HostPortRank = 1;

    public static ClaimPriority Of(Service service) => new(ServiceRank, service.Metadata.CreatedOrNewest, service.ServiceName);

    public static ClaimPriority Of(Pod pod) => new(HostPortRank, pod.Metadata.CreatedOrNewest, new(pod.Metadata.Namespace, pod.Metadata.Name));

    public int CompareTo(ClaimPriority other)
    {
        if (Rank != other.Rank)
            return Rank.CompareTo(other.Rank);
        var byAge = Created.CompareTo(other.Created);
        return byAge != 0 ? byAge : Name.CompareTo(other.Name);
    }
}
