using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>A network of IPv6 as the key of a trie: <c>struct bpf_lpm_trie_key</c> with 16 bytes of data.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Ipv6Prefix
{
    private readonly uint _length;
    private readonly uint _word0; // the address in network byte order; words of 4 bytes, since one of 16 would want padding before it
    private readonly uint _word1;
    private readonly uint _word2;
    private readonly uint _word3;

    /// <summary>Makes a key.</summary>
    /// <param name="address">The address; bits after the prefix do not matter.</param>
    /// <param name="length">Bits of the prefix; 128 looks a single address up.</param>
    /// <exception cref="ArgumentException">The address is not IPv6.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is not between 0 and 128.</exception>
    public Ipv6Prefix(IPAddress address, int length = 128)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 128);
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
            throw new ArgumentException($"{address} is no IPv6 address", nameof(address));
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        (_length, _word0, _word1, _word2, _word3) = ((uint)length, words[0], words[1], words[2], words[3]);
    }

    /// <summary>Makes a key.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">The network is not of IPv6.</exception>
    public Ipv6Prefix(IPNetwork network)
        : this(network.BaseAddress, network.PrefixLength)
    {
    }

    /// <summary>Bits of the prefix.</summary>
    public int Length => (int)_length;

    /// <summary>The network, with zeros after the prefix.</summary>
    public IPNetwork ToNetwork()
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Cast<uint, byte>([_word0, _word1, _word2, _word3]).CopyTo(bytes);
        var mask = _length == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - Length);
        BinaryPrimitives.WriteUInt128BigEndian(bytes, BinaryPrimitives.ReadUInt128BigEndian(bytes) & mask);
        return new(new IPAddress(bytes), Length);
    }

    /// <summary>For example <c>fd00::/8</c>.</summary>
    public override string ToString() => ToNetwork().ToString();
}
