using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A device whose packets begin with the IP header, and whose other end is this process: tun(4).</summary>
internal sealed unsafe partial class Tunnel : IDisposable
{
    private const nuint TunSetIff = 0x400454ca;
    private const ushort IffTun = 1;
    private const ushort IffNoPi = 0x1000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly FileStream _file;

    public Tunnel(NetworkNamespace network, string name) => _file = network.Run(() =>
    {
        var handle = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        _ = Encoding.ASCII.GetBytes(name, new Span<byte>(request, 15));
        *(ushort*)(request + 16) = IffTun | IffNoPi;
        Assert.That(ioctl(handle, TunSetIff, request), Is.Zero, () => $"TUNSETIFF: {(Errno)Marshal.GetLastPInvokeError()}");
        return new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
    });

    /// <summary>The next packet that leaves by the device and is of interest.</summary>
    public byte[] Take(Func<byte[], bool> isWanted) => Task.Run(() =>
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var packet = buffer[.._file.Read(buffer)];
            if (isWanted(packet))
                return packet;
        }
    }).WaitAsync(s_patience).GetAwaiter().GetResult();

    /// <summary>Has a packet come in by the device.</summary>
    public void Give(byte[] packet) => _file.Write(packet);

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle file, nuint request, void* argument);
}
