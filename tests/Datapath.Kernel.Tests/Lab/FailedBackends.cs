using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>The table of backends that did not take a connection, of a lab whose datapath is pinned.</summary>
internal sealed class FailedBackends : IDisposable
{
    private readonly BpfMap _map;
    private readonly BpfHashMap<FailedKey, FailedValue> _entries;

    public FailedBackends(ServiceLab lab)
    {
        _map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(lab.Pins.Path), SocketLbObject.Failed));
        _entries = _map.AsHash<FailedKey, FailedValue>();
    }

    public int Count => _entries.ToList().Count;

    /// <summary>Lets time pass since they failed.</summary>
    public void Age(TimeSpan time)
    {
        foreach (var (key, value) in _entries.ToList())
            _entries.Set(in key, value with { At = unchecked(value.At - (ulong)(time.TotalSeconds * 1e9)) });
    }

    public void Dispose() => _map.Dispose();
}
