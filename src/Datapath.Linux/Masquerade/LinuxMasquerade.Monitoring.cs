using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux;

/// <content>What those who listen need, and are told when all ends.</content>
public sealed partial class LinuxMasquerade
{
    /// <summary>Where its pins are; <see langword="null"/> without pins.</summary>
    internal string? PinPath => _pins?.Path;

    /// <summary>Another descriptor of a map, which the caller disposes.</summary>
    internal BpfMap OpenMap(string name)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return BpfMap.OpenById(_object.Maps[name].Info.Id);
        }
    }

    /// <summary>The name of a device whose packets are translated.</summary>
    internal string? NameOfDevice(int index) => Devices.FirstOrDefault(device => device.Index == index)?.Name;

    // No program is left that could make another. Flows of another version are not understood: who listens to them hears of the uninstalling alone.
    private static void TellFlowsOfTheirEnd(PinFolder pins)
    {
        if (!NatStateMap.IsOfThisVersion(pins.Path))
            return;
        using (var state = NatStateMap.TryOpenPinned(pins.Path))
        {
            if (state is not { IsHeard: true })
                return;
        }

        var maps = FlowSweepObject.SharedMaps.ToDictionary(static name => name, name => BpfMap.OpenPinned(pins.MapPath(name)));
        try
        {
            using var sweeper = FlowSweeper.Load(new(), maps);
            sweeper.EndAll();
        }
        finally
        {
            foreach (var map in maps.Values)
                map.Dispose();
        }
    }
}
