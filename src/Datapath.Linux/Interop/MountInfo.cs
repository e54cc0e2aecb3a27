using System.Collections.Immutable;
using System.Text;

namespace Datapath.Linux;

/// <summary>One line of /proc/PID/mountinfo.</summary>
/// <param name="MountPoint">Where it is mounted, as the reading process sees it.</param>
/// <param name="Root">Which directory of the filesystem is mounted there: <c>/</c>, unless it is a part of it.</param>
/// <param name="FileSystemType">For example <c>cgroup2</c> or <c>bpf</c>.</param>
/// <param name="Source">The device, or what whoever mounted it wrote there.</param>
/// <param name="Options">Options of the mount and of the filesystem, each once.</param>
internal sealed record MountInfo(string MountPoint, string Root, string FileSystemType, string Source, ImmutableArray<string> Options)
{
    /// <summary>The mounts that the calling thread sees, in the order in which they were made.</summary>
    /// <exception cref="LinuxException">procfs is not mounted.</exception>
    internal static ImmutableArray<MountInfo> ReadCurrent() => Parse(KernelFile.Read("/proc/thread-self/mountinfo"));

    /// <summary>Reads the text of a mountinfo file. A line of another shape is passed over: it cannot be a mount that we look for.</summary>
    internal static ImmutableArray<MountInfo> Parse(string text)
    {
        var mounts = ImmutableArray.CreateBuilder<MountInfo>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (ParseLine(line.ToString()) is { } mount)
                mounts.Add(mount);
        }

        return mounts.ToImmutable();
    }

    // "36 35 98:0 /root /mount/point rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue":
    // zero or more optional fields stand before the lone dash.
    private static MountInfo? ParseLine(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (dash < 0 || dash + 2 >= fields.Length)
            return null;
        var own = fields[5].Split(',', StringSplitOptions.RemoveEmptyEntries);
        var super = dash + 3 < fields.Length ? fields[dash + 3].Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
        return new(Unescape(fields[4]), Unescape(fields[3]), Unescape(fields[dash + 1]), Unescape(fields[dash + 2]), [.. own.Union(super)]);
    }

    // The kernel writes space, tab, newline and backslash as \ and three octal digits.
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
            return field;
        var text = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && IsOctal(field[i + 1]) && IsOctal(field[i + 2]) && IsOctal(field[i + 3]))
            {
                text.Append((char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';
}
