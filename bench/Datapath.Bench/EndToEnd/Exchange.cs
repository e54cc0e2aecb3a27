using Datapath.Bench.Interop;

namespace Datapath.Bench.EndToEnd;

/// <summary>A client and its server on one thread. Made in the cgroup whose programs are to run for both.</summary>
internal abstract class Exchange : IDisposable
{
    /// <summary>Goes round once for each place in <paramref name="cycles"/>.</summary>
    /// <param name="targets">What to dial, in turn.</param>
    /// <param name="dials">Receives how long connect() or sendto() took, in ticks of the stopwatch.</param>
    /// <param name="cycles">Receives how long the whole took, from socket() to close().</param>
    public abstract void Run(SocketName[] targets, long[] dials, long[] cycles);

    public abstract void Dispose();
}
