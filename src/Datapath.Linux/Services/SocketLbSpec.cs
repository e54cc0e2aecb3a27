using System.Runtime.InteropServices;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The object of socket load balancing, with the sizes and knobs of some options.</summary>
internal static class SocketLbSpec
{
    /// <summary>The knob for this machine: whether it may reorder loads.</summary>
    public static byte IsWeaklyOrdered => (byte)(RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 0 : 1);

    /// <summary>Makes it.</summary>
    /// <param name="options">What it is to be; checked by <see cref="LinuxDatapathOptionsCheck"/>.</param>
    /// <param name="hostCookie">The cookie of the host's network namespace.</param>
    public static BpfObjectSpec Make(LinuxDatapathOptions options, ulong hostCookie)
    {
        var spec = options.Objects.SocketLb();
        spec.Maps[SocketLbObject.Frontends4].MaxEntries = (uint)options.MaxFrontends;
        spec.Maps[SocketLbObject.Frontends6].MaxEntries = (uint)options.MaxFrontends;
        spec.Maps[SocketLbObject.Slots4].MaxEntries = (uint)options.MaxSlots;
        spec.Maps[SocketLbObject.Slots6].MaxEntries = (uint)options.MaxSlots;
        spec.Maps[SocketLbObject.Affinity].MaxEntries = (uint)options.MaxStickyClients;
        spec.Maps[SocketLbObject.Events].MaxEntries = (uint)options.TraceBufferSize;

        // Socket storage among them: the sockets of today keep their state when the programs are replaced.
        foreach (var map in spec.Maps.Values)
            map.Pinning = options.Lifetime is DatapathLifetime.Pinned ? MapPinning.ByName : MapPinning.None;
        spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.IsWeaklyOrdered, IsWeaklyOrdered);
        spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.FailedFor, (ulong)options.ConnectFallback.Ticks * TimeSpan.NanosecondsPerTick);
        spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.AffinityByCgroup, (byte)(options.AffinityByCgroup ? 1 : 0));
        spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.NoBackendErrno, (int)(options.NoBackend switch
        {
            NoBackendReply.Refuse => Errno.ECONNREFUSED,
            NoBackendReply.Unreachable => Errno.EHOSTUNREACH,
            var other => throw new ArgumentOutOfRangeException(nameof(options), other, "NoBackend"),
        }));
        foreach (var program in SocketLbObject.BindPrograms)
            spec.Programs[program].IsEnabled = options.BindProtection;
        spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.HostNetns, hostCookie);
        spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.ServesHostOnly, (byte)(options.HostNamespaceOnly ? 1 : 0));
        return spec;
    }
}
