using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>One dial to a service. IPv4 addresses are mapped; the backend's is 0 unless the dial was translated.</summary>
[KernelType("dp_event")]
[StructLayout(LayoutKind.Sequential)]
public struct DialEvent
{
    /// <summary>Nanoseconds on the monotonic clock.</summary>
    public ulong Time;

    /// <summary>The network namespace.</summary>
    public ulong NetnsCookie;

    /// <summary>The cgroup of the process.</summary>
    public ulong CgroupId;

    /// <summary>The socket.</summary>
    public ulong SocketCookie;

    /// <summary>What was dialed.</summary>
    public Ip6 ServiceAddress;

    /// <summary>Where it went.</summary>
    public Ip6 BackendAddress;

    /// <summary>In network order.</summary>
    public ushort ServicePort;

    /// <summary>In network order.</summary>
    public ushort BackendPort;

    /// <summary>The process, in the first PID namespace.</summary>
    public uint ProcessId;

    /// <summary>The frontend.</summary>
    public uint FrontendId;

    /// <summary>The backend.</summary>
    public uint BackendId;

    /// <summary>What happened.</summary>
    public DialVerdict Verdict;

    /// <summary>Why.</summary>
    public DialReason Reason;

    /// <summary>The IANA protocol number of the service.</summary>
    public byte Protocol;

    /// <summary>0: connect(2); 1: a datagram that names its destination.</summary>
    public byte Call;

    /// <summary>Why the frontend exists.</summary>
    public byte FrontendType;

    /// <summary>The set of the frontend's backends that the client has; 0: its own.</summary>
    public byte Set;

    /// <summary>0.</summary>
    public PadBytes Pad;

    /// <summary>The name of the process's thread, ended by a zero.</summary>
    public CommandBytes Command;
}

/// <summary>A command's name.</summary>
[InlineArray(16)]
public struct CommandBytes
{
    private byte _first;
}

/// <summary>Two bytes of nothing.</summary>
[InlineArray(2)]
public struct PadBytes
{
    private byte _first;
}

/// <summary>What happened to a dial.</summary>
[KernelType("dp_verdict_kind")]
public enum DialVerdict : byte
{
    /// <summary>It went to a backend.</summary>
    Translated = 0,

    /// <summary>It failed.</summary>
    Refused = 1,

    /// <summary>It was left as it was, although the address is a service's.</summary>
    Passed = 2,
}

/// <summary>Why a dial was refused or left as it was.</summary>
[KernelType("dp_reason")]
public enum DialReason : byte
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>The service has no usable backend.</summary>
    NoBackend = 1,

    /// <summary>There is no memory to map the reply back.</summary>
    NoMemory = 2,

    /// <summary>The client is left alone.</summary>
    Exempt = 3,

    /// <summary>The frontend is for the host's own programs.</summary>
    HostOnly = 4,

    /// <summary>The redirect is not for this client, and nothing else serves the address.</summary>
    Skipped = 5,
}
