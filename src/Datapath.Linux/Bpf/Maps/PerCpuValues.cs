using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>The kernel's form of an element that has a value for each possible CPU: each rounded up to 8 bytes.</summary>
internal static class PerCpuValues<TValue>
    where TValue : unmanaged
{
    /// <summary>Bytes of one CPU's value.</summary>
    public static int Stride => (Unsafe.SizeOf<TValue>() + 7) & ~7;

    /// <summary>Bytes of an element's values.</summary>
    public static int Size => checked(Stride * PossibleCpus.Count);

    /// <summary>Borrows room for some elements.</summary>
    public static byte[] Rent(int elements) => ArrayPool<byte>.Shared.Rent(checked(Size * elements));

    public static void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

    /// <summary>Copies values out of the kernel's form, of one element or of some in a row.</summary>
    public static void Unpack(ReadOnlySpan<byte> kernel, Span<TValue> values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = MemoryMarshal.Read<TValue>(kernel[(i * Stride)..]);
    }

    public static TValue[] Unpack(ReadOnlySpan<byte> kernel)
    {
        var values = new TValue[PossibleCpus.Count];
        Unpack(kernel, values);
        return values;
    }

    /// <summary>Copies values to the kernel's form, of one element or of some in a row.</summary>
    public static void Pack(ReadOnlySpan<TValue> values, Span<byte> kernel)
    {
        kernel[..checked(values.Length * Stride)].Clear();
        for (var i = 0; i < values.Length; i++)
            MemoryMarshal.Write(kernel[(i * Stride)..], in values[i]);
    }

    /// <exception cref="ArgumentException">There are not as many values as some elements have.</exception>
    public static void ThrowUnlessOneEach(int length, string map, string parameter, int elements = 1)
    {
        if (length != (long)PossibleCpus.Count * elements)
            throw new ArgumentException($"{length} values for map '{map}', which has one for each of {PossibleCpus.Count} possible CPUs", parameter);
    }
}
