using System.Net;
using System.Net.Sockets;
using Datapath.EbpfCounter;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

// What to count: the cgroup that is named, or one of our own in which this program makes a few connections itself.
var home = Cgroup2.OpenCurrent();
var own = args.Length == 0 ? home.CreateChild($"ebpf-counter-{Environment.ProcessId}") : null;
var cgroup = own ?? Cgroup.Open(args[0]);
try
{
    // The object file gives a spec, which may be changed; loading it gives live maps and programs.
    await using var file = typeof(Destination).Assembly.GetManifestResourceStream("counter.bpf.o")!;
    var bytes = new byte[file.Length];
    await file.ReadExactlyAsync(bytes);
    var spec = BpfObjectSpec.Parse(bytes);
    spec.Maps["dials"].MaxEntries = 10_000;
    using var counter = BpfObject.Load(spec);

    // While the link lives, the program runs whenever a process of the cgroup connects.
    using var link = CgroupLink.Attach(counter.Programs["count_dial"], cgroup);
    if (own is null)
    {
        Console.WriteLine($"Counting the connections of {cgroup}; Enter ends it.");
        _ = Console.ReadLine();
    }
    else
    {
        own.AddCurrentProcess();
        Connect(IPAddress.Loopback, 7, 3);
        Connect(IPAddress.Parse("127.0.0.2"), 53, 2);
    }

    foreach (var (destination, count) in counter.Maps["dials"].AsHash<Destination, ulong>().ToList().OrderByDescending(static d => d.Value))
        Console.WriteLine($"{count,8}  {destination}");
}
finally
{
    if (own is not null)
    {
        home.AddCurrentProcess();
        own.Delete();
    }
}

// A datagram socket connects without sending anything.
static void Connect(IPAddress address, int port, int times)
{
    for (var i = 0; i < times; i++)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(address, port);
    }
}
