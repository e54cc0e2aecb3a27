using System.Runtime.InteropServices;
using Datapath.Bench.Interop;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Maps;

/// <summary>bpf(2) as bare as C# can call it: what the typed maps are measured against.</summary>
internal sealed unsafe class RawMap(BpfMap map)
{
    public const int LookupElem = 1;
    public const int UpdateElem = 2;
    public const int DeleteElem = 3;
    public const int LookupBatch = 24;
    public const int UpdateBatch = 26;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? Libc.SYS_bpf_arm64 : Libc.SYS_bpf_x64;
    private readonly uint _fd = (uint)map.Handle.DangerousGetHandle();

    public nint Element(int command, MapKey* key, MapValue* value)
    {
        var attributes = new ElementAttributes { Fd = _fd, Key = key, Value = value };
        return Libc.syscall(s_number, command, &attributes, sizeof(ElementAttributes));
    }

    /// <summary>All keys and values in one call.</summary>
    public nint Batch(int command, MapKey* keys, MapValue* values, int count)
    {
        ulong position;
        var attributes = new BatchAttributes { OutBatch = &position, Keys = keys, Values = values, Count = (uint)count, Fd = _fd };
        return Libc.syscall(s_number, command, &attributes, sizeof(BatchAttributes));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ElementAttributes
    {
        public ulong Fd; // 32 bits and padding
        public void* Key;
        public void* Value;
        public ulong Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BatchAttributes
    {
        public void* InBatch;
        public void* OutBatch;
        public void* Keys;
        public void* Values;
        public uint Count;
        public uint Fd;
        public ulong ElementFlags;
        public ulong Flags;
    }
}
