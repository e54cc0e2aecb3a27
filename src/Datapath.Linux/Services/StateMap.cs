using System.Runtime.CompilerServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>What the manager keeps in the kernel for its next start.</summary>
internal sealed class StateMap : IDisposable
{
    private readonly BpfMappedArray<ManagerState> _memory;

    public StateMap(BpfMap map) => _memory = map.MapMemory<ManagerState>();

    /// <summary>The state in place. It must not be used while another thread may dispose this.</summary>
    public ref ManagerState Value => ref _memory.DangerousItem(0);

    private ref uint Flags => ref Unsafe.As<StateFlags, uint>(ref Value.Flags);

    public static string PathIn(string pinFolder) => Path.Combine(PinFolder.MapsOf(pinFolder), SocketLbObject.State);

    /// <summary>Opens the map of a pin folder.</summary>
    public static StateMap OpenPinned(string pinFolder)
    {
        using var map = BpfMap.OpenPinned(PathIn(pinFolder));
        return new(map); // the mapping goes on without the descriptor
    }

    /// <summary>The process that manages a pin folder; 0 if it has not signed yet.</summary>
    public static uint ReadOwner(string pinFolder)
    {
        if (!File.Exists(PathIn(pinFolder)))
            return 0;
        using var state = OpenPinned(pinFolder);
        return state.Value.OwnerPid;
    }

    /// <summary>Signs the state, or refuses one of another layout.</summary>
    /// <exception cref="IncompatibleStateException">The layout is another version's.</exception>
    public void Claim(string where)
    {
        Check(where);
        ref var state = ref Value;
        state.LayoutVersion = (uint)LayoutVersion.Version;
        state.OwnerPid = (uint)Environment.ProcessId;
    }

    /// <summary>Refuses the state of a pin folder, if there is one, that another layout has: before anything of it is touched.</summary>
    /// <exception cref="IncompatibleStateException">The layout is another version's.</exception>
    public static void CheckPinned(string pinFolder)
    {
        if (!File.Exists(PathIn(pinFolder)))
            return;
        using var state = OpenPinned(pinFolder);
        state.Check(pinFolder);
    }

    private void Check(string where)
    {
        ref var state = ref Value;
        if (state.LayoutVersion > (uint)LayoutVersion.Version) // what version 1 wrote means the same in version 2
        {
            throw new IncompatibleStateException(
                $"{where} holds the state of layout version {state.LayoutVersion}, this package has version {(uint)LayoutVersion.Version}; uninstall it, then start again");
        }
    }

    /// <summary>Whether all of these flags are set.</summary>
    public bool Has(StateFlags flags) => (Volatile.Read(ref Flags) & (uint)flags) == (uint)flags;

    /// <summary>Sets flags. Others may be written at the same time, by other processes too.</summary>
    public void Set(StateFlags flags) => Interlocked.Or(ref Flags, (uint)flags);

    /// <summary>Clears flags, likewise.</summary>
    public void Clear(StateFlags flags) => Interlocked.And(ref Flags, ~(uint)flags);

    /// <summary>Sets flags or clears them.</summary>
    public void Set(StateFlags flags, bool isSet)
    {
        if (isSet)
            Set(flags);
        else
            Clear(flags);
    }

    public void Dispose() => _memory.Dispose();
}
