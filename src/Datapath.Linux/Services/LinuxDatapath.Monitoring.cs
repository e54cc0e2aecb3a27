using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>Reads the programs' counters: rare events since the maps were made, by name.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ImmutableSortedDictionary<string, long> ReadCounters()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return KernelCounters.Read(_object.Maps[SocketLbObject.Counters]);
        }
    }

    /// <summary>The pin folder; <see langword="null"/> with the process's lifetime.</summary>
    internal string? PinPath => _pins?.Path;

    /// <summary>Names clients that are pods with a network of their own.</summary>
    internal IClientNames PodNames
    {
        get => field ??= new NamesOfPods(this);
        set;
    }

    /// <summary>Another descriptor of a map, which the caller disposes.</summary>
    internal BpfMap OpenMap(string name)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return BpfMap.OpenById(_object.Maps[name].Info.Id);
        }
    }

    /// <summary>The service that has an address; <see langword="null"/> if none has it.</summary>
    internal ServiceName? OwnerOf(L4Address address)
    {
        lock (_gate)
            return _owners.TryGetOwner(address, out var owner) ? owner : null;
    }

    private sealed class NamesOfPods(LinuxDatapath datapath) : IClientNames
    {
        public string? NameOf(ulong netnsCookie, ulong cgroupId)
        {
            lock (datapath._gate)
                return datapath._pods.NameOf(ClientId.Namespace(netnsCookie))?.ToString();
        }
    }
}
