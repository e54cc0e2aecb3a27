using Datapath.Linux.Bpf;

namespace Datapath.Linux;

/// <content>What those who listen need.</content>
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
}
