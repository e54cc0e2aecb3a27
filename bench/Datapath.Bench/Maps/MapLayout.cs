using System.Runtime.InteropServices;

namespace Datapath.Bench.Maps;

/// <summary>24 bytes, as keys with an IPv6 address tend to be.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct MapKey(ulong First, ulong Second, ulong Third);

/// <summary>16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct MapValue(ulong First, ulong Second);

/// <summary>24 bytes of a mapped array.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct Slot(ulong First, ulong Second, ulong Third);
