using Datapath.EbpfCounter;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

try
{
    // What to count: the cgroup that is named, or one of our own in which this program makes a few connections itself.
    using var demonstration = args.Length == 0 ? new Demonstration() : null;
    var cgroup = demonstration?.Cgroup ?? Cgroup.Open(args[0]);

    // The object file gives a spec, which may be changed; loading it gives live maps and programs.
    using var file = typeof(Destination).Assembly.GetManifestResourceStream("counter.bpf.o")!;
    var spec = BpfObjectSpec.Parse(file);
    spec.Maps["dials"].MaxEntries = 10_000;
    using var counter = BpfObject.Load(spec);

    // While the link lives, the program runs whenever a process of the cgroup connects.
    using var link = CgroupLink.Attach(counter.Programs["count_dial"], cgroup);
    if (demonstration is not null)
        demonstration.Connect();
    else
        _ = Console.ReadLine();

    foreach (var (destination, count) in counter.Maps["dials"].AsHash<Destination, ulong>().ToList().OrderByDescending(static d => d.Value))
        Console.WriteLine($"{count,8}  {destination}");
    return 0;
}
catch (Exception e) when (e is LinuxException or PlatformNotSupportedException)
{
    Console.Error.WriteLine(e.Message); // what was tried, why it failed, and what to do
    return 1;
}
