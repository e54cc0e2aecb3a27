using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What a listener heard of egress NAT. It is told before a packet goes on, so nothing has to be waited for.</summary>
internal sealed class NatLog(MasqueradeMonitor monitor) : IDisposable
{
    public NatLog(NatLab lab, MasqueradeMonitorOptions? options = null)
        : this(MasqueradeMonitor.Open(lab.Ebpf, options))
    {
    }

    public MasqueradeMonitor Monitor => monitor;

    /// <summary>What was told since the last call.</summary>
    public List<MasqueradeEvent> Take() => Heard.Take(monitor.ReadAllAsync);

    /// <summary>The only event since the last call.</summary>
    public T TakeOne<T>()
        where T : MasqueradeEvent
    {
        var told = Take();
        Assert.That(told, Has.Count.EqualTo(1), () => string.Join(Environment.NewLine, told));
        Assert.That(told[0], Is.TypeOf<T>());
        return (T)told[0];
    }

    public void Dispose() => monitor.Dispose();
}
