using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>What a frontend must be for the socket hooks.</summary>
internal static class FrontendRules
{
    /// <summary>Why the frontend cannot be programmed, or <see langword="null"/>.</summary>
    public static string? Check(SocketFrontend frontend)
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
        return CheckSets(frontend, isRange: false);
    }

    /// <summary>Why a range cannot be programmed, or <see langword="null"/>.</summary>
    public static string? CheckRange(WantedRange range)
    {
        var (first, last) = (range.Range.FirstPort, range.Range.LastPort);
        if (range.Range.Protocol is not (L4Protocol.Tcp or L4Protocol.Udp))
            return $"{range.Range.Protocol} passes no hook of sockets; TCP and UDP do";
        return first == 0 || last < first ? $"the ports {first} to {last} are no range" : CheckSets(range.Frontend, isRange: true);
    }

    private static string? CheckSets(SocketFrontend frontend, bool isRange)
    {
        foreach (var set in frontend.FurtherSets)
        {
            if (Check(frontend.Address, set.Backends, isRange) is { } reason)
                return reason;
        }

        return Check(frontend.Address, frontend.Backends, isRange);
    }

    private static string? Check(L4Address frontend, ImmutableArray<Backend> backends, bool isRange) =>
        CheckEach(frontend, backends, isRange) ?? (backends.Length < 2 ? null : CheckRepetition(backends));

    // Of a range port 0 is the port that was dialed.
    private static string? CheckEach(L4Address frontend, ImmutableArray<Backend> backends, bool isRange)
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

    private static string? CheckRepetition(ImmutableArray<Backend> usable)
    {
        if (usable.Length <= 8)
        {
            for (var i = 1; i < usable.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    if (usable[i].Address == usable[j].Address)
                        return $"backend {usable[i].Address} is listed twice";
                }
            }

            return null;
        }

        var seen = new HashSet<L4Address>(usable.Length);
        foreach (var backend in usable)
        {
            if (!seen.Add(backend.Address))
                return $"backend {backend.Address} is listed twice";
        }

        return null;
    }
}
