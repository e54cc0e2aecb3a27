using System.Runtime.InteropServices;
using System.Text;

namespace Datapath.Bench.Interop;

/// <summary>Switches of network devices (ethtool(8)), by the ioctl of uapi/linux/ethtool.h.</summary>
internal static unsafe class Ethtool
{
    private const int SiocEthtool = 0x8946;
    private const uint SetChecksumming = 0x17; // ETHTOOL_STXCSUM
    private const uint SetTcpSegmentation = 0x1f; // ETHTOOL_STSO
    private const uint SetSegmentation = 0x24; // ETHTOOL_SGSO
    private const uint SetReceive = 0x2c; // ETHTOOL_SGRO

    /// <summary>Sets segmentation in both directions of a device of this thread's network namespace; checksums are made later either way.</summary>
    public static void SetOffloads(string device, bool isOn)
    {
        if (isOn)
            Set(device, SetChecksumming, isOn);
        foreach (var command in new[] { SetTcpSegmentation, SetSegmentation, SetReceive })
            Set(device, command, isOn);
    }

    private static void Set(string device, uint command, bool isOn)
    {
        var value = stackalloc uint[] { command, isOn ? 1u : 0u }; // struct ethtool_value
        var request = default(InterfaceRequest);
        Encoding.ASCII.GetBytes(device, new Span<byte>(request.Name, 15));
        request.Data = value;
        var socket = (int)Libc.Check(Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0), "socket");
        try
        {
            Libc.Check(Libc.ioctl(socket, SiocEthtool, &request), $"ethtool command {command} of {device}");
        }
        finally
        {
            _ = Libc.close(socket);
        }
    }

    /// <summary><c>struct ifreq</c>, as this ioctl uses it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct InterfaceRequest
    {
        public fixed byte Name[16];
        public void* Data;
    }
}
