using System.Globalization;

namespace Datapath.Bench.Nat;

/// <summary>The maps that this process has open: those of its own engines, and of no other process of the machine.</summary>
internal static class OwnMaps
{
    private const string Key = "map_id:";

    /// <summary>Their ids.</summary>
    public static HashSet<uint> ReadIds() =>
    [
        .. Directory.GetFiles("/proc/self/fdinfo").SelectMany(ReadLines).Where(static line => line.StartsWith(Key, StringComparison.Ordinal))
            .Select(static line => uint.Parse(line.AsSpan(Key.Length), CultureInfo.InvariantCulture)),
    ];

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (FileNotFoundException)
        {
            return []; // closed since it was listed, as the folder itself is
        }
    }
}
