using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>What <c>/proc/PID/fdinfo/FD</c> says of a descriptor: some facts stand only there.</summary>
/// <param name="text">The file's text: lines of a name, a colon, a tab and a value.</param>
internal readonly struct DescriptorInfo(string text)
{
    /// <summary>Reads it; nothing is known where <c>/proc</c> is not mounted.</summary>
    public static DescriptorInfo Read(SafeBpfHandle handle)
    {
        using var lease = handle.Lease();
        return TryRead($"/proc/self/fdinfo/{lease.Fd}", out var info) ? info : new("");
    }

    /// <summary>Reads a file; false if it is gone or hidden.</summary>
    public static bool TryRead(string path, out DescriptorInfo info)
    {
        var errno = KernelFile.TryRead(path, out var text);
        info = new(text);
        return errno is Errno.None;
    }

    /// <summary>The kind of the object and its number. A link tells its program's number too, so links come first.</summary>
    public (BpfItemKind Kind, uint Id) Item =>
        Number("link_id") is { } link ? (BpfItemKind.Link, (uint)link)
        : Number("prog_id") is { } program ? (BpfItemKind.Program, (uint)program)
        : Number("map_id") is { } map ? (BpfItemKind.Map, (uint)map)
        : Number("btf_id") is { } btf ? (BpfItemKind.Btf, (uint)btf)
        : (BpfItemKind.Unknown, 0);

    /// <summary>A value that is a number; null if it is not told.</summary>
    public ulong? Number(string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] == ':')
                return ulong.TryParse(line[(name.Length + 1)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
        }

        return null;
    }
}
