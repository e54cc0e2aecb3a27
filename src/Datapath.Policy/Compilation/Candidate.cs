using System.Net;

namespace Datapath.Policy;

/// <summary>A backend as one port of one endpoint of one slice gives it.</summary>
internal readonly record struct Candidate(Backend Backend, string PortName)
{
    /// <summary>Ingress controllers write this address into a service that must have an endpoint but has none.</summary>
    private static readonly IPAddress s_placeholderAddress = new([192, 192, 192, 192]);
    private const int PlaceholderPort = 9999;

    public static readonly Comparison<Candidate> Order = Compare;

    /// <summary>Takes a valid slice apart. A port without a number gives nothing.</summary>
    public static Candidate[] Of(EndpointSlice slice)
    {
        var all = new List<Candidate>(slice.Endpoints.AsSpan().Length * slice.Ports.AsSpan().Length);
        foreach (var endpoint in slice.Endpoints.AsSpan())
        {
            var state = endpoint.Conditions.State;
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
                        all.Add(new(new(address, state, node), port.Name));
                }
            }
        }

        return [.. all];
    }

    /// <summary>
    /// By address; among equal ones first the candidate that decides state and node of the backend. A total order of what a candidate is,
    /// so that the order in which slices arrive means nothing.
    /// </summary>
    private static int Compare(Candidate left, Candidate right)
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
        return byNode != 0 ? byNode : string.CompareOrdinal(left.PortName, right.PortName);
    }
}
