using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>Names of maps and programs as the kernel keeps them: at most 15 bytes and a zero.</summary>
internal static class KernelName
{
    /// <summary><c>BPF_OBJ_NAME_LEN</c>.</summary>
    public const int Size = 16;

    public static string Read(ReadOnlySpan<byte> name)
    {
        var end = name.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
    }

    // The kernel takes letters, digits, underscore and dot; anything else is refused with EINVAL.
    public static void Write(string name, Span<byte> destination)
    {
        destination.Clear();
        for (var i = 0; i < Math.Min(name.Length, Size - 1); i++)
            destination[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] == '.' ? (byte)name[i] : (byte)'_';
    }
}
