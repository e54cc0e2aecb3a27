using Datapath.Bench.Interop;

namespace Datapath.Bench.Lab;

/// <summary>Sockets as bare descriptors: a handle object would be part of what is measured.</summary>
internal static unsafe class Sockets
{
    public static int Open(bool isIPv4, int type) =>
        (int)Libc.Check(Libc.socket(isIPv4 ? Libc.AF_INET : Libc.AF_INET6, type | Libc.SOCK_CLOEXEC, 0), "socket");

    public static void Connect(int fd, SocketName name) => Libc.Check(Libc.connect(fd, &name, name.Length), "connect");

    /// <summary>A socket bound to a port on every address.</summary>
    public static int Bind(int type, int port)
    {
        var fd = Open(isIPv4: true, type | Libc.SOCK_NONBLOCK);
        Set(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
        var name = SocketName.Of(System.Net.IPAddress.Any, port);
        Libc.Check(Libc.bind(fd, &name, name.Length), "bind");
        return fd;
    }

    public static int Listen(int port)
    {
        var fd = Bind(Libc.SOCK_STREAM, port);
        Libc.Check(Libc.listen(fd, 4096), "listen");
        return fd;
    }

    public static void Set(int fd, int level, int option, int value) => Libc.Check(Libc.setsockopt(fd, level, option, &value, sizeof(int)), "setsockopt");

    /// <summary>Lets close() end a TCP connection at once, without the state that would wait for late packets.</summary>
    public static void CloseByReset(int fd)
    {
        var linger = 1L; // struct linger { on = 1, seconds = 0 }
        _ = Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_LINGER, &linger, sizeof(long));
        _ = Libc.close(fd);
    }
}
