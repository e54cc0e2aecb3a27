using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>A network of IPv4 as the key of a trie: <c>struct bpf_lpm_trie_key</c> with 4 bytes of data.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Ipv4Prefix
{
    private readonly uint _length;
    private readonly uint _address; // in network byte order

    /// <summary>Makes a key.</summary>
    /// <param name="address">The address; bits after the prefix do not matter.</param>
    /// <param name="length">Bits of the prefix; 32 looks a single address up.</param>
    /// <exception cref="ArgumentException">The address is not IPv4.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is not between 0 and 32.</exception>
    public Ipv4Prefix(IPAddress address, int length = 32)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 32);
        if (address.AddressFamily is not AddressFamily.InterNetwork)
            throw new ArgumentException($"{address} is no IPv4 address", nameof(address));
        Span<byte> bytes = stackalloc byte[4];
        _ = address.TryWriteBytes(bytes, out _);
        (_length, _address) = ((uint)length, MemoryMarshal.Read<uint>(bytes));
    }

    /// <summary>Makes a key.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">The network is not of IPv4.</exception>
    public Ipv4Prefix(IPNetwork network)
        : this(network.BaseAddress, network.PrefixLength)
    {
    }

    /// <summary>Bits of the prefix.</summary>
    public int Length => (int)_length;

    /// <summary>The network, with zeros after the prefix.</summary>
    public IPNetwork ToNetwork()
    {
        var mask = _length == 0 ? 0 : uint.MaxValue << (32 - Length);
        Span<byte> bytes = stackalloc byte[4];
        MemoryMarshal.Write(bytes, in _address);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) & mask);
        return new(new IPAddress(bytes), Length);
    }

    /// <summary>For example <c>10.0.0.0/8</c>.</summary>
    public override string ToString() => ToNetwork().ToString();
}
