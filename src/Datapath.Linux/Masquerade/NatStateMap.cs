using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>What egress NAT keeps in the kernel for its programs, and for the next start.</summary>
internal sealed class NatStateMap : IDisposable
{
    // In every version of the layout.
    private const int VersionAt = 0;
    private const int OwnerAt = 12;

    private readonly BpfMappedArray<NatState> _memory;

    public NatStateMap(BpfMap map) => _memory = map.MapMemory<NatState>();

    /// <summary>The state in place. It must not be used while another thread may dispose this.</summary>
    public ref NatState Value => ref _memory.DangerousItem(0);

    /// <summary>The process that manages a pin folder, by whatever version; 0 if it has not signed yet.</summary>
    public static uint ReadOwner(string pinFolder) => StateHeader.ReadPinned(PathIn(pinFolder), OwnerAt) ?? 0;

    /// <summary>Whether this version signed the state of a pin folder.</summary>
    public static bool IsOfThisVersion(string pinFolder) => StateHeader.ReadPinned(PathIn(pinFolder), VersionAt) is (uint)NatLayoutVersion.Version;

    /// <summary>Refuses to read a pin folder, if there is one, that another version signed.</summary>
    /// <exception cref="IncompatibleStateException">Another version did.</exception>
    public static void ThrowIfUnreadable(string pinFolder) => ThrowIfOther(pinFolder, "; read it by the version that wrote it");

    /// <summary>Opens the map of a pin folder, if it is there.</summary>
    /// <exception cref="IncompatibleStateException">It is another version's.</exception>
    public static NatStateMap? TryOpenPinned(string pinFolder)
    {
        ThrowIfOther(pinFolder, "; uninstall it, then start again");
        if (!File.Exists(PathIn(pinFolder)))
            return null;
        using var map = BpfMap.OpenPinned(PathIn(pinFolder));
        if (map.Info.ValueSize != Unsafe.SizeOf<NatState>())
            throw new IncompatibleStateException($"{pinFolder} holds the state of egress NAT in {map.Info.ValueSize} bytes, this package has it in {Unsafe.SizeOf<NatState>()}; uninstall it, then start again");
        return new(map); // the mapping goes on without the descriptor
    }

    /// <summary>Refuses what belongs to another network namespace, before anything of it is touched.</summary>
    /// <exception cref="IncompatibleStateException">It does.</exception>
    public void Check(string where, ulong network)
    {
        ref var state = ref Value;
        if (state.Network != network && state.Network != 0)
        {
            throw new IncompatibleStateException(
                $"{where} holds the state of egress NAT in another network namespace (cookie {state.Network}, here {network}); uninstall it, or choose another BpfRoot");
        }
    }

    /// <summary>Signs the state.</summary>
    public void Claim(ulong network)
    {
        ref var state = ref Value;
        state.Network = network;
        state.OwnerPid = (uint)Environment.ProcessId;
        state.LayoutVersion = (uint)NatLayoutVersion.Version;
    }

    /// <summary>Lets no flow begin for a time. Should nobody take it back, it ends by itself.</summary>
    public void HoldNewFlows(TimeSpan time) =>
        Volatile.Write(ref Value.NoNewFlowsBefore, (ulong)(Stopwatch.GetTimestamp() + (time.Ticks * TimeSpan.NanosecondsPerTick))); // on Linux, the clock that the programs read

    /// <summary>Lets flows begin.</summary>
    public void ReleaseNewFlows() => Volatile.Write(ref Value.NoNewFlowsBefore, 0);

    /// <summary>Whether programs may be using the tables of flows that are to take the place of those before.</summary>
    public bool IsMoving
    {
        get => Volatile.Read(ref Value.IsMoving) != 0;
        set => Volatile.Write(ref Value.IsMoving, value ? 1U : 0U);
    }

    /// <summary>Whether somebody listens, or has not said that he does no more.</summary>
    public bool IsHeard => Volatile.Read(ref Value.Hears) != 0;

    /// <summary>Whether all of these kinds of events are asked for.</summary>
    public bool Hears(uint kinds) => (Volatile.Read(ref Value.Hears) & kinds) == kinds;

    /// <summary>Asks for kinds of events. Others may be asked for at the same time, by other processes too.</summary>
    public void Hear(uint kinds) => Interlocked.Or(ref Value.Hears, kinds);

    /// <summary>Asks for them no more, likewise.</summary>
    public void StopHearing(uint kinds) => Interlocked.And(ref Value.Hears, ~kinds);

    public void Dispose() => _memory.Dispose();

    private static string PathIn(string pinFolder) => Path.Combine(PinFolder.MapsOf(pinFolder), MasqueradeObject.State);

    // 0 is a map that nobody has signed yet.
    private static void ThrowIfOther(string pinFolder, string advice)
    {
        if (StateHeader.ReadPinned(PathIn(pinFolder), VersionAt) is { } version && version is not (0 or (uint)NatLayoutVersion.Version))
            throw new IncompatibleStateException($"{pinFolder} holds the state of egress NAT of layout version {version}, this package has version {(uint)NatLayoutVersion.Version}{advice}");
    }
}
