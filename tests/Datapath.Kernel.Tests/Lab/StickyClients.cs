using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>The table of who stays with which backend, of a lab whose datapath is pinned: a test need not wait for hours to pass.</summary>
internal sealed class StickyClients : IDisposable
{
    private readonly BpfMap _map;
    private readonly BpfHashMap<AffinityKey, AffinityValue> _entries;

    public StickyClients(ServiceLab lab)
    {
        _map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(lab.Pins.Path), SocketLbObject.Affinity));
        _entries = _map.AsHash<AffinityKey, AffinityValue>();
    }

    public IReadOnlyList<KeyValuePair<AffinityKey, AffinityValue>> Entries => _entries.ToList();

    /// <summary>Makes a service's clients stay with their backends.</summary>
    public static DesiredService Of(DesiredService service, int seconds = 10_800) =>
        service with { Frontends = [.. service.Frontends.Select(f => f with { AffinitySeconds = seconds })] };

    /// <summary>Lets time pass since the last uses.</summary>
    public void Age(TimeSpan time) => Change(value => value with { UsedAt = unchecked(value.UsedAt - (ulong)(time.TotalSeconds * 1e9)) });

    /// <summary>Leads the clients to this backend at a place that is wrong.</summary>
    public void Send(uint backendId) => Change(value => value with { BackendId = backendId, Slot = 0 });

    /// <summary>Forgets who stays where.</summary>
    public void Clear()
    {
        foreach (var (key, _) in Entries)
            _ = _entries.Remove(in key);
    }

    public void Dispose() => _map.Dispose();

    private void Change(Func<AffinityValue, AffinityValue> change)
    {
        foreach (var (key, value) in Entries)
            _entries.Set(in key, change(value));
    }
}
