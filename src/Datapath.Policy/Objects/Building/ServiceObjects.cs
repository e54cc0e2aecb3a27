using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy;

/// <summary>
/// A service that a program keeps, with its backends: as objects, a service and the slices of its backends. A change of one backend makes one slice of
/// at most <see cref="MostInSlice"/> backends anew (two, if its weight or family changes), however many backends there are.
/// </summary>
/// <remarks>Not safe for several threads at once. Each change returns what it changes, for an <see cref="IObjectSource"/> or <see cref="PolicyCompiler.Apply(ObjectBatch)"/>.</remarks>
public sealed class ServiceObjects
{
    /// <summary>The most backends that a slice holds.</summary>
    public const int MostInSlice = 100;

    private readonly Dictionary<string, BackendSlice> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<(AddressType Type, int Weight), List<BackendSlice>> _slices = [];
    private readonly SortedSet<int> _freeNumbers = [];
    private int _numbers;

    /// <summary>Starts with what a builder has.</summary>
    /// <param name="builder">The service. What is changed in it later does not matter.</param>
    /// <param name="createdAt">How old the service is unless the builder says: of two services that claim one address the older keeps it. Default: not known.</param>
    /// <exception cref="ArgumentException">A backend is there twice.</exception>
    public ServiceObjects(ServiceBuilder builder, DateTimeOffset? createdAt = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var service = builder.ToService();
        Service = service with { Metadata = service.Metadata with { CreationTimestamp = service.Metadata.CreationTimestamp ?? createdAt } };
        foreach (var backend in builder.Backends)
        {
            var key = KeyOf(backend.Address);
            if (_places.ContainsKey(key))
                throw new ArgumentException($"service {Name} has backend {backend.Address} twice");
            _ = Place(key, backend);
        }
    }

    /// <summary>The name of the service.</summary>
    public ServiceName Name => Service.ServiceName;

    /// <summary>The service itself.</summary>
    public Service Service { get; }

    /// <summary>The backends, in no order.</summary>
    public IReadOnlyCollection<ServiceBackend> Backends => [.. Slices.SelectMany(static slice => slice.Backends.Values)];

    /// <summary>The service and all slices.</summary>
    public ImmutableArray<KubernetesObject> All => [Service, .. Slices.Select(ToObject)];

    private IEnumerable<BackendSlice> Slices => _slices.Values.SelectMany(static slices => slices);

    /// <summary>Finds a backend.</summary>
    /// <param name="address">Its address, in any way of writing it.</param>
    /// <returns><see langword="null"/>: the service has none of that address.</returns>
    public ServiceBackend? Find(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var key = KeyOf(address);
        return _places.TryGetValue(key, out var slice) ? slice.Backends[key] : null;
    }

    /// <summary>Adds backends, or replaces those of the same addresses, in one step.</summary>
    /// <param name="backends">The backends.</param>
    /// <exception cref="ArgumentException">One is there twice, or is <see langword="null"/>. Nothing was changed.</exception>
    public ObjectBatch Upsert(params ReadOnlySpan<ServiceBackend> backends)
    {
        ThrowIfTwice(backends);
        var changed = new HashSet<BackendSlice>();
        foreach (var backend in backends)
        {
            var key = KeyOf(backend.Address);
            if (_places.TryGetValue(key, out var place) && place.Weight == backend.Weight)
            {
                place.Backends[key] = backend;
                _ = changed.Add(place);
                continue;
            }

            if (place is not null)
                _ = changed.Add(Displace(place, key));
            _ = changed.Add(Place(key, backend));
        }

        return BatchOf(changed);
    }

    /// <summary>Removes backends, in one step. Removing one that is not there does nothing.</summary>
    /// <param name="addresses">Their addresses.</param>
    /// <exception cref="ArgumentNullException">One is <see langword="null"/>. Nothing was changed.</exception>
    public ObjectBatch Remove(params ReadOnlySpan<string> addresses)
    {
        foreach (var address in addresses)
            ArgumentNullException.ThrowIfNull(address, nameof(addresses));
        var changed = new HashSet<BackendSlice>();
        foreach (var address in addresses)
        {
            var key = KeyOf(address);
            if (_places.TryGetValue(key, out var place))
                _ = changed.Add(Displace(place, key));
        }

        return BatchOf(changed);
    }

    /// <summary>What it takes to come from here to another version of the service: an upsert of what differs and the deletion of slices that it lacks.</summary>
    /// <param name="next">The other version, of the same name.</param>
    /// <exception cref="ArgumentException">It is another service.</exception>
    public ObjectBatch ChangesTo(ServiceObjects next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (next.Name != Name)
            throw new ArgumentException($"{next.Name} is another service than {Name}", nameof(next));
        var before = All.ToDictionary(static item => item.Key);
        var upserted = next.All.Where(item => !before.Remove(item.Key, out var old) || !item.Equals(old)).ToImmutableArray();
        return new(upserted, [.. before.Keys], []);
    }

    // One step has one last word on each backend.
    private void ThrowIfTwice(ReadOnlySpan<ServiceBackend> backends)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var backend in backends)
        {
            ArgumentNullException.ThrowIfNull(backend, nameof(backends));
            if (!named.Add(KeyOf(backend.Address)))
                throw new ArgumentException($"service {Name} has backend {backend.Address} twice", nameof(backends));
        }
    }

    // However an address is written, it is the same backend. What is no address is refused by the check of the slice, which names it.
    private static string KeyOf(string address) => IPAddress.TryParse(address, out var ip) ? ip.ToString() : address;

    // An address that is none counts as IPv4.
    private static AddressType TypeOf(string address) =>
        IPAddress.TryParse(address, out var ip) && ip.AddressFamily is AddressFamily.InterNetworkV6 ? AddressType.IPv6 : AddressType.IPv4;

    private BackendSlice Place(string key, ServiceBackend backend)
    {
        var (type, weight) = (TypeOf(backend.Address), backend.Weight);
        if (!_slices.TryGetValue((type, weight), out var slices))
            _slices.Add((type, weight), slices = []);
        var slice = slices.Find(static candidate => candidate.Backends.Count < MostInSlice);
        if (slice is null)
            slices.Add(slice = new(TakeNumber(), type, weight));
        slice.Backends.Add(key, backend);
        _places[key] = slice;
        return slice;
    }

    private BackendSlice Displace(BackendSlice slice, string key)
    {
        _ = slice.Backends.Remove(key);
        _ = _places.Remove(key);
        if (slice.Backends.Count > 0)
            return slice;
        _ = _slices[(slice.Type, slice.Weight)].Remove(slice);
        _ = _freeNumbers.Add(slice.Number);
        return slice;
    }

    private int TakeNumber()
    {
        if (_freeNumbers.Count == 0)
            return ++_numbers;
        var number = _freeNumbers.Min;
        _ = _freeNumbers.Remove(number);
        return number;
    }

    // Deletions come first in a batch, so the number of a slice that went may be that of one that came.
    private ObjectBatch BatchOf(HashSet<BackendSlice> changed)
    {
        var (left, gone) = (changed.Where(static slice => slice.Backends.Count > 0), changed.Where(static slice => slice.Backends.Count == 0));
        return new([.. left.Select(ToObject)], [.. gone.Select(slice => ToObject(slice).Key)], []);
    }

    private EndpointSlice ToObject(BackendSlice slice) => slice.ToObject(Service);
}
