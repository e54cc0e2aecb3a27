using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Tests.Layout;

/// <summary>What two versions of an object must have in common for the one to take over what the other pinned.</summary>
/// <param name="Resizable">The maps whose sizes may differ.</param>
/// <param name="Unpinned">The maps that are made anew at each start.</param>
internal sealed record PinnedLayout(IReadOnlyCollection<string> Resizable, IReadOnlyCollection<string> Unpinned)
{
    /// <summary>Every way in which they differ. A map or a program may come, or go.</summary>
    /// <param name="was">The one that pinned.</param>
    /// <param name="now">The one that takes over.</param>
    public IEnumerable<string> Differences(BpfObjectSpec was, BpfObjectSpec now) =>
    [
        .. from map in was.Maps.Values
           where now.Maps.ContainsKey(map.Name) && !Unpinned.Contains(map.Name)
           let lines = Describe(map).Zip(Describe(now.Maps[map.Name])).Where(static pair => pair.First != pair.Second).ToArray()
           where lines.Length > 0
           orderby map.Name
           select $"map '{map.Name}': " + string.Join("; ", lines.Select(static pair => $"{pair.First}, now {pair.Second}")),
        .. from program in was.Programs.Values
           where now.Programs.ContainsKey(program.Name) && now.Programs[program.Name].SectionName != program.SectionName
           orderby program.Name
           select $"program '{program.Name}': {program.SectionName}, now {now.Programs[program.Name].SectionName}; a link takes a program of the same hook, so give it another name",
    ];

    /// <summary>A type as it lies in memory: its fields, those of fields too, each with place and bytes.</summary>
    public static string Flatten(BtfType type) => type.Kind is BtfKind.Void ? "nothing" : string.Join(", ", Flatten(type, "", 0));

    private static IEnumerable<string> Flatten(BtfType type, string name, uint offset)
    {
        var underlying = type.Underlying;
        return underlying.Kind switch
        {
            BtfKind.Struct or BtfKind.Union => underlying.Fields.SelectMany(field => Flatten(field.Type, $"{name}.{field.Name}", offset + field.Offset)),
            BtfKind.Array => Flatten(underlying.Target, $"{name}[{underlying.ArrayLength}]", offset),
            _ => [$"{name} at {offset} {underlying.Size} bytes".TrimStart()],
        };
    }

    private string[] Describe(MapSpec map) =>
    [
        $"type {map.Type}",
        $"key {map.KeySize} bytes: {Flatten(map.KeyType)}",
        $"value {map.ValueSize} bytes: {Flatten(map.ValueType)}",
        $"flags {map.Flags}, extra {map.Extra}",
        Resizable.Contains(map.Name) ? "" : $"{map.MaxEntries} entries",
    ];
}
