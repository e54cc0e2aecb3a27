using System.Text;

namespace Datapath.Linux.Netlink;

/// <summary>The comment of a table, where nft(8) keeps and shows it: in its user data.</summary>
/// <remarks>Minimum kernel: 5.10.</remarks>
internal static class NftComment
{
    private const int HeaderLength = 2;

    /// <summary>The most bytes that a comment takes.</summary>
    public const int MaxLength = 127; // with the zero at its end nft(8) takes 128

    public static void Write(ref NetlinkWriter request, string comment)
    {
        var length = Encoding.UTF8.GetByteCount(comment);
        Span<byte> data = stackalloc byte[HeaderLength + MaxLength + 1];
        data = data[..(HeaderLength + length + 1)];
        (data[0], data[1]) = (Nft.NFTNL_UDATA_TABLE_COMMENT, (byte)(length + 1));
        _ = Encoding.UTF8.GetBytes(comment, data[HeaderLength..]);
        data[^1] = 0;
        request.Add(Nft.NFTA_TABLE_USERDATA, data);
    }

    /// <returns><see langword="null"/> if there is none.</returns>
    public static string? Read(NetlinkMessage table)
    {
        foreach (var attribute in table.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type is Nft.NFTA_TABLE_USERDATA)
                return Read(attribute.Value);
        }

        return null;
    }

    // Others may have written anything there.
    private static string? Read(ReadOnlySpan<byte> data)
    {
        while (data.Length >= HeaderLength && data.Length >= HeaderLength + data[1])
        {
            var value = data.Slice(HeaderLength, data[1]);
            if (data[0] == Nft.NFTNL_UDATA_TABLE_COMMENT)
                return Encoding.UTF8.GetString(value.TrimEnd((byte)0));
            data = data[(HeaderLength + value.Length)..];
        }

        return null;
    }
}
