namespace Datapath.Linux.Services;

/// <summary>What a frontend must be for the socket hooks.</summary>
internal static class FrontendRules
{
    /// <summary>Why the frontend cannot be programmed, or <see langword="null"/>.</summary>
    public static string? Check(SocketFrontend frontend) => Check(frontend, BackendList.Of(frontend.Backends));

    /// <summary>Why the frontend cannot be programmed, or <see langword="null"/>.</summary>
    /// <param name="frontend">The frontend.</param>
    /// <param name="backends">Its own backends. What was programmed for it before needs no second look.</param>
    public static string? Check(SocketFrontend frontend, in BackendList backends)
    {
        var address = frontend.Address;
        if (address.Protocol is not (L4Protocol.Tcp or L4Protocol.Udp))
            return $"{address.Protocol} passes no hook of sockets; TCP and UDP do";
        if (address.Port == 0)
            return "port 0 cannot be dialed";
        if (address.IsUnspecified && !frontend.IsHostOnly)
            return "the unspecified address cannot be a service";
        if (frontend.AffinitySeconds < 0)
            return $"AffinitySeconds is {frontend.AffinitySeconds}, must not be negative";
        return CheckSets(frontend, in backends, isRange: false);
    }

    /// <summary>Why a range cannot be programmed, or <see langword="null"/>.</summary>
    public static string? CheckRange(WantedRange range)
    {
        var (first, last) = (range.Range.FirstPort, range.Range.LastPort);
        if (range.Range.Protocol is not (L4Protocol.Tcp or L4Protocol.Udp))
            return $"{range.Range.Protocol} passes no hook of sockets; TCP and UDP do";
        return first == 0 || last < first ? $"the ports {first} to {last} are no range" : CheckSets(range.Frontend, BackendList.Of(range.Frontend.Backends), isRange: true);
    }

    private static string? CheckSets(SocketFrontend frontend, in BackendList own, bool isRange)
    {
        foreach (var set in frontend.FurtherSets)
        {
            if (Check(frontend.Address, BackendList.Of(set.Backends), isRange) is { } reason)
                return reason;
        }

        return Check(frontend.Address, in own, isRange);
    }

    private static string? Check(L4Address frontend, in BackendList backends, bool isRange) =>
        CheckEach(frontend, backends.New, isRange) ?? (backends.IsInOrder ? null : CheckRepetition(backends.Span));

    // Of a range port 0 is the port that was dialed.
    private static string? CheckEach(L4Address frontend, ReadOnlySpan<Backend> backends, bool isRange)
    {
        foreach (var backend in backends)
        {
            if (backend.Weight is < 1 or > ushort.MaxValue)
                return $"backend {backend.Address}: weight {backend.Weight} must be 1 to {ushort.MaxValue}";
            if (backend.Address.Port == 0 && !isRange)
                return $"backend {backend.Address}: port 0 cannot be dialed";
            if (backend.Address.Protocol != frontend.Protocol || backend.Address.IsIPv4 != frontend.IsIPv4)
                return $"backend {backend.Address}: protocol and family must be those of the frontend";
        }

        return null;
    }

    private static string? CheckRepetition(ReadOnlySpan<Backend> backends)
    {
        var seen = new HashSet<L4Address>(backends.Length);
        foreach (var backend in backends)
        {
            if (!seen.Add(backend.Address))
                return $"backend {backend.Address} is listed twice";
        }

        return null;
    }
}
