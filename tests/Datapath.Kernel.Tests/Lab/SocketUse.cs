namespace Datapath.Kernel.Tests.Lab;

/// <summary>How a program uses a socket.</summary>
internal enum SocketUse
{
    Tcp,
    ConnectedUdp,
    Datagram,
}
