namespace Datapath.Policy;

/// <summary>What of a frontend decides about its backends.</summary>
internal readonly record struct BackendKey(L4Protocol Protocol, bool IsIPv4, bool OnlyLocal, string PortName)
{
    public static BackendKey Of(L4Address address, string portName, bool onlyLocal) => new(address.Protocol, address.IsIPv4, onlyLocal, portName);

    /// <summary>Whether a backend fits, apart from its health.</summary>
    /// <param name="same">All that is known of the backend.</param>
    /// <param name="node">The node's name.</param>
    public BackendFit Judge(ReadOnlySpan<Candidate> same, string node)
    {
        var backend = same[0].Backend;
        if (backend.Address.Protocol != Protocol)
            return BackendFit.OtherProtocol;
        if (backend.Address.IsIPv4 != IsIPv4)
            return BackendFit.OtherFamily;

        // A backend that is on no node, such as an address outside the cluster, is as near as any.
        if (OnlyLocal && backend.NodeName is not null && backend.NodeName != node)
            return BackendFit.OnOtherNode;
        return FitsName(same) ? BackendFit.Fits : BackendFit.OtherPortName;
    }

    /// <summary>Names matter only if both sides have one.</summary>
    private bool FitsName(ReadOnlySpan<Candidate> same)
    {
        if (PortName.Length == 0)
            return true;
        var hasName = false;
        foreach (var candidate in same)
        {
            if (candidate.PortName == PortName)
                return true;
            hasName |= candidate.PortName.Length > 0;
        }

        return !hasName;
    }
}
