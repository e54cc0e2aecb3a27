using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Datapath.Bench.Lab;

/// <summary><c>struct floor_key4</c>. Numbers in network order, here and below.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorKey4(uint Address, ushort Port, ushort Protocol)
{
    public static FloorKey4 Of(L4Address address) => new(FloorBackend4.Of(address).Address, FloorBackend4.Of(address).Port, (byte)address.Protocol);
}

/// <summary><c>struct floor_key6</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorKey6(FloorAddress6 Address, ushort Port, ushort Protocol)
{
    public static FloorKey6 Of(L4Address address) => new(FloorAddress6.Of(address), FloorBackend4.PortOf(address), (byte)address.Protocol);
}

/// <summary>An address of four words, aligned as words are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorAddress6(uint Word0, uint Word1, uint Word2, uint Word3)
{
    public static FloorAddress6 Of(L4Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.WriteAddress(bytes);
        return MemoryMarshal.Read<FloorAddress6>(bytes);
    }
}

/// <summary><c>struct floor_backend4</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorBackend4(uint Address, ushort Port, ushort Pad)
{
    public static FloorBackend4 Of(L4Address address)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (address.IsIPv4)
            _ = address.WriteAddress(bytes);
        return new(MemoryMarshal.Read<uint>(bytes), PortOf(address), 0);
    }

    public static ushort PortOf(L4Address address) => BinaryPrimitives.ReverseEndianness(address.Port);
}

/// <summary><c>struct floor_backend6</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorBackend6(FloorAddress6 Address, ushort Port, ushort Pad)
{
    public static FloorBackend6 Of(L4Address address) => new(FloorAddress6.Of(address), FloorBackend4.PortOf(address), 0);
}

/// <summary><c>struct floor_value4</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorValue4(FloorBackend4 First, FloorBackend4 Second)
{
    public static FloorValue4 Of(Frontend frontend) => new(FloorBackend4.Of(frontend.Backends[0].Address), FloorBackend4.Of(frontend.Backends[1].Address));
}

/// <summary><c>struct floor_value6</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FloorValue6(FloorBackend6 First, FloorBackend6 Second)
{
    public static FloorValue6 Of(Frontend frontend) => new(FloorBackend6.Of(frontend.Backends[0].Address), FloorBackend6.Of(frontend.Backends[1].Address));
}
