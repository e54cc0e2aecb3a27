namespace Datapath.Linux.Bpf;

/// <summary>The kinds of maps (<c>enum bpf_map_type</c>).</summary>
/// <remarks>Minimum kernel: 3.19 for the oldest; each says its own.</remarks>
public enum MapType : uint
{
    /// <summary>A hash table. Minimum kernel: 3.19.</summary>
    Hash = 1,

    /// <summary>An array, all elements always there. Minimum kernel: 3.19; memory-mapped: 5.5.</summary>
    Array = 2,

    /// <summary>Programs to jump to (tail calls). Minimum kernel: 4.2.</summary>
    ProgramArray = 3,

    /// <summary>Performance events, one for each CPU: the older way to give records to user space. Minimum kernel: 4.3.</summary>
    PerfEventArray = 4,

    /// <summary>A hash table with a value for each CPU. Minimum kernel: 4.6.</summary>
    PerCpuHash = 5,

    /// <summary>An array with a value for each CPU. Minimum kernel: 4.6.</summary>
    PerCpuArray = 6,

    /// <summary>Call stacks by number. Minimum kernel: 4.6.</summary>
    StackTrace = 7,

    /// <summary>Cgroups to compare with. Minimum kernel: 4.8.</summary>
    CgroupArray = 8,

    /// <summary>A hash table that drops what was used longest ago when it is full. Minimum kernel: 4.10.</summary>
    LruHash = 9,

    /// <summary>The same with a value for each CPU. Minimum kernel: 4.10.</summary>
    LruPerCpuHash = 10,

    /// <summary>Prefixes of keys; a lookup finds the longest that matches. Minimum kernel: 4.11.</summary>
    LpmTrie = 11,

    /// <summary>An array of maps. Minimum kernel: 4.12.</summary>
    ArrayOfMaps = 12,

    /// <summary>A hash table of maps. Minimum kernel: 4.12.</summary>
    HashOfMaps = 13,

    /// <summary>Interfaces to send packets to, by number. Minimum kernel: 4.14.</summary>
    DevMap = 14,

    /// <summary>Sockets to send data to, by number. Minimum kernel: 4.14.</summary>
    SockMap = 15,

    /// <summary>CPUs to send packets to. Minimum kernel: 4.15.</summary>
    CpuMap = 16,

    /// <summary>AF_XDP sockets to send packets to. Minimum kernel: 4.18.</summary>
    XskMap = 17,

    /// <summary>Sockets to send data to, by key. Minimum kernel: 4.18.</summary>
    SockHash = 18,

    /// <summary>A value for each cgroup that the program is attached to; <see cref="CgroupLocalStorage"/> came after it. Minimum kernel: 4.19.</summary>
    CgroupStorage = 19,

    /// <summary>Sockets that share a port. Minimum kernel: 4.19.</summary>
    ReusePortSockArray = 20,

    /// <summary>The same as <see cref="CgroupStorage"/> with a value for each CPU. Minimum kernel: 4.20.</summary>
    PerCpuCgroupStorage = 21,

    /// <summary>First in, first out. Minimum kernel: 4.20.</summary>
    Queue = 22,

    /// <summary>Last in, first out. Minimum kernel: 4.20.</summary>
    Stack = 23,

    /// <summary>A value for each socket, freed with it. Minimum kernel: 5.2.</summary>
    SkStorage = 24,

    /// <summary>Interfaces to send packets to, by key. Minimum kernel: 5.4.</summary>
    DevMapHash = 25,

    /// <summary>An implementation of one of the kernel's interfaces. Minimum kernel: 5.6.</summary>
    StructOps = 26,

    /// <summary>Records for user space, in the order in which they were reserved. Minimum kernel: 5.8.</summary>
    RingBuffer = 27,

    /// <summary>A value for each inode, freed with it. Minimum kernel: 5.10.</summary>
    InodeStorage = 28,

    /// <summary>A value for each thread, freed with it. Minimum kernel: 5.11.</summary>
    TaskStorage = 29,

    /// <summary>Tells for certain what was never put into it. Minimum kernel: 5.16.</summary>
    BloomFilter = 30,

    /// <summary>Records for programs, in the order in which user space wrote them. Minimum kernel: 6.1.</summary>
    UserRingBuffer = 31,

    /// <summary>A value for each cgroup, freed with it. Minimum kernel: 6.2.</summary>
    CgroupLocalStorage = 32,

    /// <summary>Memory that programs and user space share. Minimum kernel: 6.9.</summary>
    Arena = 33,
}
