using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>Where the manager's state is.</summary>
internal delegate ref ManagerState ManagerStatePlace();

/// <summary>
/// Hands out identifiers of frontends and backends. They only grow, and where they stand is kept in the kernel beside the state, so that a
/// restart gives none of them to somebody else. After 2^32 they start again at 1, passing over those in use.
/// </summary>
internal sealed class Identifiers
{
    private readonly ManagerStatePlace _state;
    private readonly HashSet<uint> _frontends = [];
    private readonly Dictionary<L4Address, (uint Id, int Uses)> _backends = [];
    private readonly HashSet<uint> _backendIds = [];

    public Identifiers(ManagerStatePlace state) => _state = state;

    private ref ManagerState State => ref _state();

    /// <summary>A new identifier for a frontend.</summary>
    public uint NewFrontend() => New(ref State.NextFrontendId, _frontends);

    /// <summary>An identifier that the kernel holds already.</summary>
    public void AdoptFrontend(uint id)
    {
        _ = _frontends.Add(id);
        State.NextFrontendId = Math.Max(State.NextFrontendId, id + 1);
    }

    public void ReleaseFrontend(uint id) => _frontends.Remove(id);

    /// <summary>The identifier of a backend, new if nobody uses it yet. Counts one use.</summary>
    public uint UseBackend(L4Address address)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_backends, address, out var exists);
        if (!exists)
            entry.Id = New(ref State.NextBackendId, _backendIds);
        entry.Uses++;
        return entry.Id;
    }

    /// <summary>Whether some frontend has the backend.</summary>
    public bool IsInUse(L4Address backend) => _backends.ContainsKey(backend);

    /// <summary>Counts one use of a backend that the kernel holds already.</summary>
    public void AdoptBackend(L4Address address, uint id)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_backends, address, out var exists);
        if (!exists)
        {
            entry.Id = id;
            _ = _backendIds.Add(id);
        }

        entry.Uses++;
        State.NextBackendId = Math.Max(State.NextBackendId, id + 1);
    }

    public void ReleaseBackend(L4Address address)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_backends, address);
        if (--entry.Uses > 0)
            return;
        _ = _backendIds.Remove(entry.Id);
        _ = _backends.Remove(address);
    }

    private static uint New(ref uint next, HashSet<uint> used)
    {
        var id = Math.Max(next, 1);
        while (!used.Add(id))
            id = Math.Max(unchecked(id + 1), 1);
        next = unchecked(id + 1);
        return id;
    }
}
