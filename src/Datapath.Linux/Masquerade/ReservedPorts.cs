using System.Collections.Immutable;

namespace Datapath.Linux.Masquerade;

/// <summary>The ports of the range that flows never get.</summary>
internal static class ReservedPorts
{
    /// <summary>Those of the options, and those that the administrator of the calling thread's network namespace keeps.</summary>
    /// <exception cref="ArgumentException">Flows would have none.</exception>
    public static ImmutableArray<ushort> Of(LinuxMasqueradeOptions options)
    {
        ImmutableArray<ushort> reserved = [.. options.ReservedPorts.Where(IsInRange).Distinct()];
        ThrowIfNoneIsLeft(reserved.Length, "ReservedPorts has");
        reserved = [.. reserved.Union(LocalReservedPorts.Read().Where(IsInRange))];
        ThrowIfNoneIsLeft(reserved.Length, "ReservedPorts and net.ipv4.ip_local_reserved_ports have");
        return reserved;

        bool IsInRange(ushort port) => port >= options.FirstPort && port <= options.LastPort;

        void ThrowIfNoneIsLeft(int count, string who)
        {
            if (count > options.LastPort - options.FirstPort)
                throw new ArgumentException($"{who} all {count} ports from FirstPort {options.FirstPort} to LastPort {options.LastPort}; flows must be left at least one", nameof(options));
        }
    }
}
