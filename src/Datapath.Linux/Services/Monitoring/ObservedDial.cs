using Datapath.BpfObjects.Layout;

namespace Datapath.Linux;

/// <summary>A dial to a service, as a <see cref="DialMonitor"/> heard of it.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record ObservedDial
{
    /// <summary>When it was.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What became of it.</summary>
    public required DialVerdict Verdict { get; init; }

    /// <summary>Why it was refused or left as it was; <see cref="DialReason.None"/> if it was translated.</summary>
    public required DialReason Reason { get; init; }

    /// <summary>The call by which it was dialed.</summary>
    public required DialCall Call { get; init; }

    /// <summary>What was dialed. An IPv4 address that an IPv6 socket dialed is IPv4.</summary>
    public required L4Address Service { get; init; }

    /// <summary>The service that has the address; <see langword="null"/> if it is not known.</summary>
    public ServiceName? ServiceName { get; init; }

    /// <summary>Where it went; <see langword="null"/> if it was not translated.</summary>
    public L4Address? Backend { get; init; }

    /// <summary>The identifier of the frontend, see <see cref="ProgrammedFrontend.Id"/>.</summary>
    public required uint FrontendId { get; init; }

    /// <summary>The identifier of the backend, see <see cref="ProgrammedBackend.Id"/>; 0 if it was not translated.</summary>
    public required uint BackendId { get; init; }

    /// <summary>Why the frontend exists.</summary>
    public required FrontendType FrontendType { get; init; }

    /// <summary>The process, by its number in the first PID namespace of the machine.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The name of the thread that dialed, at most 15 bytes; of a program with one thread it is the program's.</summary>
    public required string Command { get; init; }

    /// <summary>The cgroup of the process, see <see cref="Cgroups.Cgroup.Id"/>.</summary>
    public required ulong CgroupId { get; init; }

    /// <summary>The network namespace of the socket, see <see cref="Namespaces.NetworkNamespace.Cookie"/>.</summary>
    public required ulong NetnsCookie { get; init; }

    /// <summary>The socket, by the number that SO_COOKIE tells.</summary>
    public required ulong SocketCookie { get; init; }

    /// <summary>Who dialed: the pod, or the last part of the cgroup's path and the network namespace; <see langword="null"/> if neither is known any more.</summary>
    public string? Client { get; init; }
}

/// <summary>A call by which a service is dialed.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum DialCall
{
    /// <summary>connect(2), of TCP or UDP.</summary>
    Connect = 0,

    /// <summary>A datagram that names its destination, by sendto(2), sendmsg(2) or sendmmsg(2).</summary>
    Datagram = 1,
}
