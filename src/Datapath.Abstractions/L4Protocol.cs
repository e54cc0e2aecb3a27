namespace Datapath;

/// <summary>A transport protocol, by its IANA protocol number.</summary>
public enum L4Protocol : byte
{
    /// <summary>Transmission Control Protocol.</summary>
    Tcp = 6,

    /// <summary>User Datagram Protocol.</summary>
    Udp = 17,

    /// <summary>Stream Control Transmission Protocol. Part of the model; the socket hooks of Linux do not see it.</summary>
    Sctp = 132,
}
