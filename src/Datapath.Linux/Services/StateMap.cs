using System.Runtime.CompilerServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>What the manager keeps in the kernel for its next start.</summary>
internal sealed class StateMap : IDisposable
{
    // In every version of the layout.
    private const int VersionAt = 0;
    private const int OwnerAt = 4;

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

    /// <summary>The process that manages a pin folder, by whatever version; 0 if it has not signed yet.</summary>
    public static uint ReadOwner(string pinFolder) => StateHeader.ReadPinned(PathIn(pinFolder), OwnerAt) ?? 0;

    /// <summary>The process that signed a state; 0 if nobody has yet.</summary>
    public static uint ReadOwner(BpfMap map) => StateHeader.Read(map, OwnerAt);

    /// <summary>Signs the state.</summary>
    public void Claim()
    {
        ref var state = ref Value;
        state.LayoutVersion = (uint)LayoutVersion.Version;
        state.OwnerPid = (uint)Environment.ProcessId;
    }

    /// <summary>Refuses to manage a pin folder, if there is one, whose layout is later: before anything of it is touched.</summary>
    /// <exception cref="IncompatibleStateException">The layout is a later version's.</exception>
    public static void ThrowIfLater(string pinFolder) => ThrowIfLater(pinFolder, "; uninstall it, then start again");

    /// <summary>Refuses to read a pin folder, if there is one, whose layout is later.</summary>
    /// <exception cref="IncompatibleStateException">The layout is a later version's.</exception>
    public static void ThrowIfUnreadable(string pinFolder) => ThrowIfLater(pinFolder, "; read it by the version that wrote it");

    // What version 1 wrote means the same in version 2.
    private static void ThrowIfLater(string pinFolder, string advice)
    {
        if (StateHeader.ReadPinned(PathIn(pinFolder), VersionAt) is { } version && version > (uint)LayoutVersion.Version)
            throw new IncompatibleStateException($"{pinFolder} holds the state of layout version {version}, this package has version {(uint)LayoutVersion.Version}{advice}");
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
