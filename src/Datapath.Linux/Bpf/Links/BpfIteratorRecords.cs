using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>Cuts what an iterator writes into records of one size. The kernel's pages do not end where records do.</summary>
internal static class BpfIteratorRecords
{
    private const int MinimumCapacity = 16 * 1024;

    public static IEnumerable<T> Read<T>(Stream stream, string name)
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        var buffer = new byte[Math.Max(MinimumCapacity, size)];
        var length = 0;
        while (true)
        {
            var read = stream.Read(buffer.AsSpan(length));
            if (read == 0)
                break;
            length += read;
            var start = 0;
            for (; length - start >= size; start += size)
                yield return MemoryMarshal.Read<T>(buffer.AsSpan(start));
            buffer.AsSpan(start, length - start).CopyTo(buffer);
            length -= start;
        }

        if (length != 0)
            throw new InvalidDataException($"the walk of '{name}' ends {length} bytes into a record: {typeof(T).Name} has {size} bytes, what the program writes has not");
    }
}
