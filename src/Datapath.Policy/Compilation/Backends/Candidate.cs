using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>A backend as one port of one endpoint of one slice gives it.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="PortName">The name of the port, empty if it has none.</param>
/// <param name="Zones">The zones that the backend is meant for; default if it has no hints.</param>
internal readonly record struct Candidate(Backend Backend, string PortName, ImmutableArray<string> Zones)
{
    /// <summary>Ingress controllers write this address into a service that must have an endpoint but has none.</summary>
    private static readonly IPAddress s_placeholderAddress = new([192, 192, 192, 192]);
    private const int PlaceholderPort = 9999;

    /// <summary>Takes a valid slice apart, in order. A port without a number gives nothing.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="before">What the slice gave before, in order: candidates that are the same are taken from there.</param>
    public static Candidate[] Of(EndpointSlice slice, ReadOnlySpan<Candidate> before)
    {
        var all = Of(slice);
        var next = 0;
        foreach (ref var candidate in all.AsSpan())
        {
            var order = 1;
            while (next < before.Length && (order = Compare(in before[next], in candidate)) < 0)
                next++;
            if (order == 0)
                candidate = before[next];
        }

        return all;
    }

    private static Candidate[] Of(EndpointSlice slice)
    {
        var all = new List<Candidate>(slice.Endpoints.AsSpan().Length * slice.Ports.AsSpan().Length);
        var weight = slice.Weight;
        foreach (var endpoint in slice.Endpoints.AsSpan())
        {
            var state = weight == 0 ? BackendState.Maintenance : endpoint.Conditions.State;
            var zones = Hints(endpoint);
            var node = string.IsNullOrEmpty(endpoint.NodeName) ? null : endpoint.NodeName;
            foreach (var text in endpoint.Addresses.AsSpan())
            {
                _ = IPValue.TryParse(text, out var ip);
                foreach (var port in slice.Ports.AsSpan())
                {
                    if (port.Port is not { } number)
                        continue;
                    var address = ip.WithPort((ushort)number, port.Protocol);
                    if (number != PlaceholderPort || !address.Address.Equals(s_placeholderAddress))
                        all.Add(new(new(address, state, node) { Weight = weight == 0 ? Backend.DefaultWeight : weight }, port.Name, zones));
                }
            }
        }

        all.Sort(static (left, right) => Compare(in left, in right));
        return [.. all];
    }

    /// <summary>Hints count only if the endpoint says where it is itself.</summary>
    private static ImmutableArray<string> Hints(Endpoint endpoint) =>
        endpoint.Hints is { } hints && !hints.Zones.IsDefaultOrEmpty && !string.IsNullOrEmpty(endpoint.Zone) ? hints.Zones : default;

    /// <summary>
    /// By address; among equal ones first the candidate that decides state and node of the backend. A total order of what a candidate is,
    /// so that the order in which slices arrive means nothing.
    /// </summary>
    public static int Compare(in Candidate left, in Candidate right)
    {
        var byAddress = left.Backend.Address.CompareTo(right.Backend.Address);
        if (byAddress != 0)
            return byAddress;
        var byState = left.Backend.State.CompareTo(right.Backend.State);
        if (byState != 0)
            return byState;
        var leftHasNode = left.Backend.NodeName is not null;
        if (leftHasNode != (right.Backend.NodeName is not null))
            return leftHasNode ? -1 : 1;
        var byNode = string.CompareOrdinal(left.Backend.NodeName, right.Backend.NodeName);
        if (byNode != 0)
            return byNode;
        var byWeight = right.Backend.Weight.CompareTo(left.Backend.Weight);
        if (byWeight != 0)
            return byWeight;
        var byZones = CompareZones(left.Zones, right.Zones);
        return byZones != 0 ? byZones : string.CompareOrdinal(left.PortName, right.PortName);
    }

    private static int CompareZones(ImmutableArray<string> left, ImmutableArray<string> right)
    {
        if (left.IsDefault || right.IsDefault)
            return left.IsDefault.CompareTo(right.IsDefault);
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            var byZone = string.CompareOrdinal(left[i], right[i]);
            if (byZone != 0)
                return byZone;
        }

        return left.Length.CompareTo(right.Length);
    }
}
