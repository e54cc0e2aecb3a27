using System.Globalization;

namespace Datapath.Linux.Netlink;

/// <summary>The number of a queueing discipline, of a class or of a place for them, written as <c>major:minor</c> in hexadecimal.</summary>
/// <param name="Value">The whole number, the major one in the upper 16 bits. 0 lets the kernel choose.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public readonly record struct TcHandle(uint Value)
{
    /// <summary>The place of the discipline through which all goes that an interface sends.</summary>
    public static TcHandle Root { get; } = new(RtnlTc.TC_H_ROOT);

    /// <summary>The place of <see cref="ClsactOptions"/>.</summary>
    public static TcHandle Clsact { get; } = new(RtnlTc.TC_H_CLSACT);

    /// <summary>Where the filters for what comes in are, in <see cref="ClsactOptions"/>.</summary>
    public static TcHandle Ingress { get; } = new(RtnlTc.ClsactHandle | RtnlTc.TC_H_MIN_INGRESS);

    /// <summary>Where the filters for what goes out are, in <see cref="ClsactOptions"/>.</summary>
    public static TcHandle Egress { get; } = new(RtnlTc.ClsactHandle | RtnlTc.TC_H_MIN_EGRESS);

    /// <summary>The upper half, which names a discipline.</summary>
    public ushort Major => (ushort)(Value >> 16);

    /// <summary>The lower half, which names a class of it; 0 for the discipline itself.</summary>
    public ushort Minor => (ushort)Value;

    /// <summary>Makes a handle of its halves.</summary>
    /// <param name="major">The upper half.</param>
    /// <param name="minor">The lower half.</param>
    public static TcHandle Create(ushort major, ushort minor = 0) => new(((uint)major << 16) | minor);

    /// <summary>As tc(8) writes it: <c>root</c>, <c>1:</c> or <c>1:10</c>.</summary>
    public override string ToString() => this switch
    {
        _ when this == Root => "root",
        { Minor: 0 } => string.Create(CultureInfo.InvariantCulture, $"{Major:x}:"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Major:x}:{Minor:x}"),
    };
}
