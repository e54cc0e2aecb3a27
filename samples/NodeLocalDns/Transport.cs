using System.Net;

namespace Datapath.NodeLocalDns;

/// <summary>How a query travels.</summary>
/// <param name="Server">The address of the service.</param>
/// <param name="IsTcp">Whether over TCP; over UDP otherwise.</param>
internal sealed record Transport(IPAddress Server, bool IsTcp)
{
    public const int Port = 53;

    public static IReadOnlyList<Transport> All { get; } =
    [
        new(ServiceV4, IsTcp: false), new(ServiceV4, IsTcp: true), new(ServiceV6, IsTcp: false), new(ServiceV6, IsTcp: true),
    ];

    public static IPAddress ServiceV4 => IPAddress.Parse("10.96.0.10");

    public static IPAddress ServiceV6 => IPAddress.Parse("fd10:96::a");

    public override string ToString() => new L4Address(Server, Port, IsTcp ? L4Protocol.Tcp : L4Protocol.Udp).ToString();
}
