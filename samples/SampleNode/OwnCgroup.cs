using Datapath.Linux.Cgroups;

namespace Datapath.SampleNode;

/// <summary>A cgroup with this process inside until it is disposed: a datapath that serves it serves this process and those that it starts, and the rest of the machine does not notice.</summary>
public sealed class OwnCgroup : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Cgroup _home = Cgroup2.OpenCurrent();
    private readonly Cgroup _own;
    private readonly Cgroup _processes;
    private readonly List<Cgroup> _pods = [];

    /// <summary>Makes the cgroup and moves this process into it.</summary>
    /// <param name="name">Its name, which the process id is added to.</param>
    public OwnCgroup(string name)
    {
        _own = _home.CreateChild($"{name}-{Environment.ProcessId}");
        try
        {
            _processes = _own.CreateChild("node");
            _processes.AddCurrentProcess();
        }
        catch
        {
            _processes?.Delete();
            _own.Delete();
            throw;
        }
    }

    /// <summary>The directory.</summary>
    public string Path => _own.Path;

    /// <summary>Makes a cgroup for a pod, named after its UID as container runtimes do.</summary>
    public Cgroup AddPod(string uid)
    {
        var pod = _own.CreateChild($"pod{uid}");
        _pods.Add(pod);
        return pod;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _home.AddCurrentProcess();
        foreach (var cgroup in (Cgroup[])[.. _pods, _processes])
        {
            // Who was killed may still be on the way out.
            _ = SpinWait.SpinUntil(() => cgroup.Processes.Count == 0, s_patience);
            cgroup.Delete();
        }

        _own.Delete();
    }
}
