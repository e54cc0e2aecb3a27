namespace Datapath.Bench.Hooks;

/// <summary>A loop that makes a hook run once each time round. Its sockets are made with it, in the cgroup that the process is in then.</summary>
internal abstract class Load : IDisposable
{
    /// <summary>Goes round so many times. Allocates nothing.</summary>
    public abstract void Run(int times);

    public abstract void Dispose();
}
