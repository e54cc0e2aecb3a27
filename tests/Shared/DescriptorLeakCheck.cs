using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.Linux.Bpf.Ring;

/// <summary>
/// Compares the kernel's objects that this process holds before and after all tests. What is left somebody holds on to, or has forgotten to
/// dispose: that a collection would close it some day is no excuse. Outside of any namespace, so that it stands around all tests of the assembly.
/// </summary>
[SetUpFixture]
internal sealed unsafe partial class DescriptorLeakCheck
{
    private HashSet<(string Number, string Kind)> _before = [];

    [OneTimeSetUp]
    public void Remember()
    {
        OpenWhatStays();
        _before = [.. Held()];
    }

    [OneTimeTearDown]
    public void Compare()
    {
        var left = Held().Where(d => !_before.Contains(d)).ToArray();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        var kept = Held().ToHashSet();

        // A failure here fails no test, and a run is what its tests are: nothing less than this is seen.
        if (left.Length > 0)
            Environment.FailFast($"descriptors that the tests have left open: {string.Join(", ", left.Select(d => $"{d.Number} is {d.Kind}{(kept.Contains(d) ? "" : ", forgotten")}"))}");
    }

    // The runtime has epolls of its own, from the first wait for a socket on, and the library has one for the whole process.
    private static void OpenWhatStays()
    {
        _ = EpollLoop.Shared;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        var waiting = socket.ReceiveAsync(new byte[1], stop.Token).AsTask();
        stop.Cancel();
        Assert.That(() => waiting.GetAwaiter().GetResult(), Throws.InstanceOf<OperationCanceledException>());
    }

    private static IEnumerable<(string Number, string Kind)> Held() =>
        from file in Directory.GetFiles("/proc/self/fd")
        let kind = KindOf(file)
        where kind is not null
        select (Path.GetFileName(file), kind);

    // Maps, programs, links, iterators and types; performance events; epolls; network namespaces; directories of cgroups; the memory that stands
    // for descriptors in tests; netlink sockets.
    private static string? KindOf(string file) => new FileInfo(file).LinkTarget switch
    {
        { } bpf when bpf.StartsWith("anon_inode:bpf", StringComparison.Ordinal) || bpf.StartsWith("anon_inode:btf", StringComparison.Ordinal)
            || bpf.StartsWith("anon_inode:[bpf", StringComparison.Ordinal) => bpf + Detail(file),
        { } anonymous when anonymous is "anon_inode:[perf_event]" or "anon_inode:[eventpoll]" => anonymous,
        { } space when space.StartsWith("net:[", StringComparison.Ordinal) => space,
        { } cgroup when cgroup.StartsWith("/sys/fs/cgroup", StringComparison.Ordinal) => cgroup,
        { } memory when memory.StartsWith("/memfd:", StringComparison.Ordinal) && !memory.StartsWith("/memfd:doublemapper", StringComparison.Ordinal) => memory,
        { } socket when socket.StartsWith("socket:[", StringComparison.Ordinal) && IsNetlink(file) => socket + " of netlink",
        _ => null,
    };

    // What the kernel says of a map or program: enough to find who made it.
    private static string Detail(string file)
    {
        try
        {
            return " (" + string.Join(
                ", ",
                File.ReadLines($"/proc/self/fdinfo/{Path.GetFileName(file)}").Where(static line => !line.StartsWith("pos", StringComparison.Ordinal))
                    .Select(static line => line.Replace("\t", " ", StringComparison.Ordinal)).Skip(3).Take(8)) + ")";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static bool IsNetlink(string file)
    {
        const int SolSocket = 1, SoDomain = 39, AfNetlink = 16;
        int domain = 0, size = sizeof(int);
        return getsockopt(int.Parse(Path.GetFileName(file), System.Globalization.CultureInfo.InvariantCulture), SolSocket, SoDomain, &domain, &size) == 0
            && domain == AfNetlink;
    }

    [LibraryImport("libc")]
    private static partial int getsockopt(int fd, int level, int option, int* value, int* size);
}
