using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>Who counts events, by the numbers that the kernel gave them as they came.</summary>
internal static class PerfEventDevices
{
    private const string Folder = "/sys/bus/event_source/devices";

    /// <summary>The name behind a number, for example <c>cpu</c>; <see langword="null"/> if none has it.</summary>
    public static string? Find(uint type)
    {
        if (!Directory.Exists(Folder))
            return null;
        var number = type.ToString(CultureInfo.InvariantCulture);
        return Directory.EnumerateDirectories(Folder)
            .Where(device => KernelFile.TryRead(Path.Combine(device, "type"), out var text) is Errno.None && text.AsSpan().Trim().SequenceEqual(number))
            .Select(Path.GetFileName)
            .FirstOrDefault();
    }
}
