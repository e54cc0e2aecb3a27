using System.Net;

namespace Datapath.Bench.Lab;

/// <summary>Where services and backends are. Backend j of service i has number i * <see cref="BackendsPerService"/> + j.</summary>
internal static class Addresses
{
    public const int BackendsPerService = 2;
    public const int ServicePort = 80;

    /// <summary>A port of the first service, over UDP, whose clients stay with their backend.</summary>
    public const int StickyPort = 81;

    public const int BackendPort = 8080;

    /// <summary>A port of the backends that no service leads to: a dial there is a miss.</summary>
    public const int DirectPort = 8081;

    public static IPAddress Service4(int number) => V4(10, 96, number);

    public static IPAddress Service6(int number) => IPAddress.Parse($"fd10:96::{number + 1:x}");

    public static IPAddress Backend4(int number) => V4(10, 244, number);

    public static IPAddress Backend6(int number) => IPAddress.Parse($"fd10:244::{number + 1:x}");

    private static IPAddress V4(byte first, byte second, int number)
    {
        var host = number + 0x101; // 10.96.1.1 is the first
        return new([first, (byte)(second + (host >> 16)), (byte)(host >> 8), (byte)host]);
    }
}
