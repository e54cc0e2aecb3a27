using System.Collections.Frozen;

namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>Maps of a kind.</summary>
    /// <param name="type">The kind.</param>
    /// <returns>
    /// What a kernel lacks that has no such maps; <see langword="null"/> for kinds as old as Linux 4.13, and for <see cref="MapType.StructOps"/>, of
    /// which there is none in general.
    /// </returns>
    public static BpfFeature? Of(MapType type) => MapKinds.All.GetValueOrDefault(type);

    // In a class of its own: it is made when it is first asked for, after all features that have names.
    private static class MapKinds
    {
        public static readonly FrozenDictionary<MapType, BpfFeature> All = new Dictionary<MapType, BpfFeature>
        {
            [MapType.DevMap] = Kind(MapType.DevMap, "maps of interfaces", "4.14"),
            [MapType.SockMap] = Kind(MapType.SockMap, "maps of sockets", "4.14"),
            [MapType.CpuMap] = Kind(MapType.CpuMap, "maps of CPUs", "4.15"),
            [MapType.XskMap] = Kind(MapType.XskMap, "maps of AF_XDP sockets", "4.18"),
            [MapType.SockHash] = Kind(MapType.SockHash, "maps of sockets by key", "4.18"),
            [MapType.CgroupStorage] = Kind(MapType.CgroupStorage, "cgroup storage maps", "4.19", keySize: 16, maxEntries: 0),
            [MapType.ReusePortSockArray] = Kind(MapType.ReusePortSockArray, "maps of sockets that share a port", "4.19"),
            [MapType.PerCpuCgroupStorage] = Kind(MapType.PerCpuCgroupStorage, "per-CPU cgroup storage maps", "4.20", keySize: 16, maxEntries: 0),
            [MapType.Queue] = Kind(MapType.Queue, "queue maps", "4.20", keySize: 0),
            [MapType.Stack] = Kind(MapType.Stack, "stack maps", "4.20", keySize: 0),
            [MapType.SkStorage] = SocketStorage,
            [MapType.DevMapHash] = Kind(MapType.DevMapHash, "maps of interfaces by key", "5.4"),
            [MapType.RingBuffer] = RingBuffers,
            [MapType.InodeStorage] = Storage(MapType.InodeStorage, "inode storage maps", "5.10"),
            [MapType.TaskStorage] = Storage(MapType.TaskStorage, "task storage maps", "5.11"),
            [MapType.BloomFilter] = Kind(MapType.BloomFilter, "bloom filter maps", "5.16", keySize: 0),
            [MapType.UserRingBuffer] = UserRingBuffers,
            [MapType.CgroupLocalStorage] = Storage(MapType.CgroupLocalStorage, "storage maps of any cgroup", "6.2"),
            [MapType.Arena] = Kind(MapType.Arena, "arenas", "6.9", keySize: 0, valueSize: 0, flags: MapFlags.Mappable),
        }.ToFrozenDictionary();

        // The smallest map there is of the kind: a kernel that knows the kind takes it.
        private static BpfFeature Kind(
            MapType type, string name, string kernel, uint keySize = 4, uint valueSize = 4, uint maxEntries = 1, MapFlags flags = MapFlags.None) =>
            new(name, kernel, () => IsMade(new()
            {
                MapType = (uint)type,
                KeySize = keySize,
                ValueSize = valueSize,
                MaxEntries = maxEntries,
                MapFlags = (uint)flags,
            }));

        // These are made with types only.
        private static BpfFeature Storage(MapType type, string name, string kernel) => new(name, kernel, () =>
        {
            try
            {
                using var types = StandaloneBtf.Load(sizeof(uint));
                using var lease = types.Lease();
                return IsMade(new()
                {
                    MapType = (uint)type,
                    KeySize = sizeof(uint),
                    ValueSize = sizeof(uint),
                    MapFlags = (uint)MapFlags.NoPrealloc,
                    BtfFd = lease.Fd,
                    BtfKeyTypeId = StandaloneBtf.KeyTypeId,
                    BtfValueTypeId = StandaloneBtf.ValueTypeId,
                });
            }
            catch (LinuxException)
            {
                return null;
            }
        });
    }

    private static bool? IsMade(MapCreateAttr create) => Made(Libc.Bpf(BpfCommand.MapCreate, ref create, out var fd), fd);
}
