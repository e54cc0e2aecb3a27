using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What a device computes for the machine: ethtool(8) -K.</summary>
internal static unsafe partial class Offload
{
    private const nuint SiocEthtool = 0x8946;
    private const uint SetTransmitChecksums = 0x17;

    /// <summary>Sets whether packets leave by a device without their checksums (and, with that, in pieces larger than its MTU).</summary>
    public static void SetChecksums(NetworkNamespace network, string device, bool isOn) => network.Run(() =>
    {
        var value = stackalloc uint[] { SetTransmitChecksums, isOn ? 1U : 0U };
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        _ = Encoding.ASCII.GetBytes(device, new Span<byte>(request, 15));
        *(ulong*)(request + 16) = (ulong)value;
        var handle = socket(2, 2, 0);
        Assert.That(ioctl(handle, SiocEthtool, request), Is.Zero, () => $"ethtool -K {device}: {(Errno)Marshal.GetLastPInvokeError()}");
        _ = close(handle);
    });

    [LibraryImport("libc")]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
