using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Bench.Maps;

/// <summary>An array that never moves, so that both sides of a comparison have the same memory.</summary>
internal sealed unsafe class PinnedArray<T>
    where T : unmanaged
{
    public PinnedArray(int length, Func<int, T>? make = null)
    {
        Items = GC.AllocateArray<T>(length, pinned: true);
        for (var i = 0; make is not null && i < length; i++)
            Items[i] = make(i);
    }

    public T[] Items { get; }

    public T* First => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Items));
}
