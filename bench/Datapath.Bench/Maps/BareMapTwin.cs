using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.Bench.Interop;

namespace Datapath.Bench.Maps;

/// <summary>bpf(2) as bare as C# can call it: the twin on a machine without a C compiler.</summary>
internal sealed unsafe class BareMapTwin : IMapTwin
{
    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? Libc.SYS_bpf_arm64 : Libc.SYS_bpf_x64;

    public string Language => "bare C#";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Each(int fd, int command, void* keys, int keyStep, void* values, int valueStep, int count)
    {
        var attributes = new ElementAttributes { Fd = (uint)fd };
        for (var i = 0; i < count; i++)
        {
            attributes.Key = (byte*)keys + ((nint)i * keyStep);
            attributes.Value = values is null ? null : (byte*)values + ((nint)i * valueStep);
            _ = Libc.Check(Libc.syscall(s_number, command, &attributes, sizeof(ElementAttributes)), "a command for an element");
        }
    }

    public void Write(int fd, int command, void* keys, void* values, int count)
    {
        var attributes = new BatchAttributes { Keys = keys, Values = values, Count = (uint)count, Fd = (uint)fd };
        _ = Libc.Check(Libc.syscall(s_number, command, &attributes, sizeof(BatchAttributes)), $"command {command}");
    }

    public void Read(int fd, void* keys, int keySize, void* values, int valueSize, int count, int portion)
    {
        var place = stackalloc ulong[8];
        var done = 0;
        nint result = 0;
        while (done < count && result == 0)
        {
            var attributes = new BatchAttributes
            {
                InBatch = done == 0 ? null : place,
                OutBatch = place,
                Keys = (byte*)keys + ((nint)done * keySize),
                Values = (byte*)values + ((nint)done * valueSize),
                Count = (uint)Math.Min(count - done, portion),
                Fd = (uint)fd,
            };
            result = Libc.syscall(s_number, IMapTwin.LookupBatch, &attributes, sizeof(BatchAttributes)); // below 0 with the last batch
            done += (int)attributes.Count;
        }

        IMapTwin.Check(done, count, "read all");
    }

    public void List(int fd, int count, int portion)
    {
        var keys = new MapKey[count];
        var values = new MapValue[count];
        fixed (MapKey* k = keys)
        fixed (MapValue* v = values)
            Read(fd, k, sizeof(MapKey), v, sizeof(MapValue), count, portion);
        var pairs = new (MapKey Key, MapValue Value)[count];
        for (var i = 0; i < count; i++)
            pairs[i] = (keys[i], values[i]);
        GC.KeepAlive(pairs);
    }

    public void Walk(int fd, void* keys, int keySize, int count)
    {
        var attributes = new ElementAttributes { Fd = (uint)fd };
        for (var i = 0; i < count; i++)
        {
            attributes.Key = i == 0 ? null : (byte*)keys + ((nint)(i - 1) * keySize);
            attributes.Value = (byte*)keys + ((nint)i * keySize);
            _ = Libc.Check(Libc.syscall(s_number, IMapTwin.GetNextKey, &attributes, sizeof(ElementAttributes)), "walk");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Slot* slots, int count, ulong value)
    {
        for (var i = 0; i < count; i++)
            slots[i] = new(value, (ulong)i, value + (ulong)i);
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
