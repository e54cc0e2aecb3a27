using System.Net;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>Who dials, what is dialed, and who answers.</summary>
internal static class SoakAddresses
{
    public const int Services = 6;
    public const int PolicyAddresses = 2;

    /// <summary>The pod that stands for the host's network.</summary>
    public const int Host = 8;

    public const int RangeFirstPort = 80;
    public const int RangeLastPort = 83;
    private const ushort RangePort = 81;

    /// <summary>The pods that serve, and may be backends.</summary>
    public static readonly int[] Servers = [2, 3, 4, 5, 6, 7];

    /// <summary>The pods that dial: one that only dials, two that serve as well, and the host.</summary>
    public static readonly int[] Clients = [1, 2, 3, Host];

    public static readonly string[] Ranges = ["198.51.100.128/28", "2001:db8:100::80/124"];

    /// <summary>What is dialed: services, addresses that policies take over, and addresses inside ranges.</summary>
    public static L4Address[] Destinations { get; } =
    [
        .. from protocol in new[] { L4Protocol.Tcp, L4Protocol.Udp }
        from destination in (IEnumerable<(IPAddress Address, ushort Port)>)
        [
            .. Enumerable.Range(1, Services).SelectMany(static i => new[] { (ServiceLab.ServiceV4(i), (ushort)ServiceLab.ServicePort), (ServiceLab.ServiceV6(i), (ushort)ServiceLab.ServicePort) }),
            .. Enumerable.Range(1, PolicyAddresses).SelectMany(static i => new[] { (PolicyV4(i), (ushort)ServiceLab.ServicePort), (PolicyV6(i), (ushort)ServiceLab.ServicePort) }),
            (PolicyV4(130), RangePort), (PolicyV6(0x82), RangePort),
        ]
        select new L4Address(destination.Address, destination.Port, protocol),
    ];

    public static IPAddress PolicyV4(int number) => IPAddress.Parse($"198.51.100.{number}");

    public static IPAddress PolicyV6(int number) => IPAddress.Parse($"2001:db8:100::{number:x}");

    /// <summary>The pod that has an address.</summary>
    public static string PodAt(IPAddress address) =>
        Servers.Where(pod => PodNetwork.V4(pod).Equals(address) || PodNetwork.V6(pod).Equals(address)).Select(static pod => $"pod{pod}").Single();
}
