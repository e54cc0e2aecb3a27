using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Datapath;

/// <summary>Finds the longest prefix that contains an address: a hash lookup for each length that occurs.</summary>
internal sealed class MasqueradePrefixLookup
{
    private readonly Level[] _ipv4;
    private readonly Level[] _ipv6;

    public MasqueradePrefixLookup(ReadOnlySpan<MasqueradePrefix> prefixes)
    {
        var (ipv4, ipv6) = (new SortedDictionary<int, Level>(), new SortedDictionary<int, Level>());
        foreach (var entry in prefixes)
        {
            var levels = IsIPv4(entry.Prefix.BaseAddress) ? ipv4 : ipv6;
            if (!levels.TryGetValue(-entry.Prefix.PrefixLength, out var level))
                levels.Add(-entry.Prefix.PrefixLength, level = new(BitCount(entry.Prefix.BaseAddress) - entry.Prefix.PrefixLength, []));
            level.Entries.Add(level.KeyOf(BitsOf(entry.Prefix.BaseAddress)), entry);
        }

        (_ipv4, _ipv6) = ([.. ipv4.Values], [.. ipv6.Values]);
    }

    public MasqueradePrefix? Find(IPAddress address)
    {
        var bits = BitsOf(address);
        foreach (var level in IsIPv4(address) ? _ipv4 : _ipv6)
        {
            if (level.Entries.TryGetValue(level.KeyOf(bits), out var found))
                return found;
        }

        return null;
    }

    private static bool IsIPv4(IPAddress address) => address.AddressFamily is AddressFamily.InterNetwork;

    private static int BitCount(IPAddress address) => IsIPv4(address) ? 32 : 128;

    private static UInt128 BitsOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        return length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The prefixes of one length.</summary>
    private sealed record Level(int Ignored, Dictionary<UInt128, MasqueradePrefix> Entries)
    {
        /// <summary>The bits that the prefixes tell. A shift by 128 would be one by 0.</summary>
        public UInt128 KeyOf(UInt128 bits) => Ignored == 128 ? UInt128.Zero : bits >> Ignored;
    }
}
