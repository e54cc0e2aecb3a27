using System.Security.Cryptography;
using System.Text;

namespace Datapath.Hosting;

/// <summary>What the nftables engine writes on its table, so that it is known from that of another pin folder: there are no pins of its own.</summary>
internal static class MasqueradeOwner
{
    private const int MostBytes = 127; // of the comment of a table

    /// <summary>The pin folder, or a hash of a longer one.</summary>
    public static string Of(string bpfRoot)
    {
        var bytes = Encoding.UTF8.GetBytes(bpfRoot);
        return bytes.Length <= MostBytes ? bpfRoot : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
    }
}
