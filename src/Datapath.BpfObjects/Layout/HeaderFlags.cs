namespace Datapath.BpfObjects.Layout;

/// <summary>What a frontend's header says.</summary>
[Flags]
[KernelType("dp_header_flags")]
public enum HeaderFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Only programs in the host's network namespace are served.</summary>
    HostOnly = 1,

    /// <summary>Some clients have another set of backends, see <see cref="ClientKey"/>.</summary>
    HasClients = 2,

    /// <summary>Some of these clients are told by their cgroup.</summary>
    HasCgroups = 4,

    /// <summary>The dial goes to the address itself.</summary>
    Passes = 8,

    /// <summary>Of a further set, which has a header even if it has nothing to say.</summary>
    FurtherSet = 16,

    /// <summary>Backends that did not take a connection lately are passed over.</summary>
    FallsBack = 32,

    /// <summary>TCP connections stay when their backend leaves. Of this and <see cref="TcpEnds"/> together: those to backends that are gone end. Programs do not read it.</summary>
    TcpStays = 64,

    /// <summary>TCP connections end when their backend leaves.</summary>
    TcpEnds = 128,
}
