using System.Globalization;
using Datapath.Linux.Cgroups;

namespace Datapath.Bench.Lab;

/// <summary>
/// A cgroup of the benchmark's own with a child for each variant. A socket belongs to the cgroup that its process is in when it is made, so
/// the process moves into a variant's cgroup before it makes sockets there, and back before it goes.
/// </summary>
internal sealed class BenchCgroups : IDisposable
{
    private const string Prefix = "datapath-bench-";
    private readonly Cgroup _before = Cgroup2.OpenCurrent();
    private readonly Cgroup _root;
    private readonly List<Cgroup> _children = [];

    public BenchCgroups()
    {
        DeleteAbandoned(_before);
        _root = _before.CreateChild(Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    public Cgroup Create(string name)
    {
        _children.Add(_root.CreateChild(name));
        return _children[^1];
    }

    public void Dispose()
    {
        _before.AddCurrentProcess();
        foreach (var child in _children)
            child.Delete();
        _root.Delete();
    }

    // A benchmark that was killed could not clean up.
    private static void DeleteAbandoned(Cgroup parent)
    {
        foreach (var path in Directory.GetDirectories(parent.Path, Prefix + "*"))
        {
            if (Directory.Exists("/proc/" + Path.GetFileName(path)[Prefix.Length..]))
                continue;
            foreach (var child in Directory.GetDirectories(path))
                Cgroup.Open(child).Delete();
            Cgroup.Open(path).Delete();
        }
    }
}
