using System.Buffers.Binary;
using Datapath.Kernel.Tests.Bpf;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>Makes of pins what another version would have left.</summary>
internal static class OtherVersion
{
    /// <summary>The map that only the other version has.</summary>
    public const string Map = "dp_of_another";

    /// <summary>Writes the version of the layout.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <param name="state">The map of the state.</param>
    /// <param name="version">The version.</param>
    public static void SetLayout(string bpfRoot, string state, uint version)
    {
        using var map = Open(bpfRoot, state);
        var value = ValueOf(map);
        BinaryPrimitives.WriteUInt32LittleEndian(value, version);
        map.AsBytes().Set(new byte[sizeof(uint)], value);
    }

    /// <summary>Lets the state have more behind what it has. The programs that run go on with the one before.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <param name="state">The map of the state.</param>
    public static void LengthenState(string bpfRoot, string state)
    {
        using var before = Open(bpfRoot, state);
        var value = ValueOf(before);
        Array.Resize(ref value, value.Length + 32);
        using var longer = BpfMap.Create(new()
        {
            Name = state,
            Type = before.Info.Type,
            KeySize = before.Info.KeySize,
            ValueSize = (uint)value.Length,
            MaxEntries = before.Info.MaxEntries,
            Flags = before.Info.Flags,
        });
        longer.AsBytes().Set(new byte[sizeof(uint)], value);
        BpfPin.Replace(longer.Handle, PathOf(bpfRoot, state), state);
    }

    /// <summary>Takes maps away that the other version did not have.</summary>
    public static void RemoveMaps(string bpfRoot, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            File.Delete(PathOf(bpfRoot, name));
    }

    /// <summary>Adds <see cref="Map"/>.</summary>
    public static void AddMap(string bpfRoot)
    {
        using var map = BpfMap.Create(new() { Name = Map, Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        map.Pin(PathOf(bpfRoot, Map));
    }

    /// <summary>Adds links that this version does not have: of a program at the cgroup, and of a kind that cannot be detached.</summary>
    public static void AddLinks(string bpfRoot, string cgroup)
    {
        using (var program = TestPrograms.Return(1, ProgramType.CgroupSkb, AttachType.CgroupInetEgress, "dp_of_another"))
        using (var link = CgroupLink.Attach(program, Cgroup.Open(cgroup)))
            link.Pin(Path.Combine(PinFolder.LinksOf(bpfRoot), "dp_of_another"));
        AddWalk(bpfRoot);
    }

    /// <summary>Adds the link of an iterator, which cannot be detached.</summary>
    public static void AddWalk(string bpfRoot)
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("iterators"));
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = program.Name == "tasks";
        using var walks = BpfObject.Load(spec);
        using var walk = BpfIterator.Create(walks.Programs["tasks"]);
        walk.Pin(Path.Combine(PinFolder.LinksOf(bpfRoot), "dp_walk_of_another"));
    }

    private static BpfMap Open(string bpfRoot, string name) => BpfMap.OpenPinned(PathOf(bpfRoot, name));

    private static string PathOf(string bpfRoot, string name) => Path.Combine(PinFolder.MapsOf(bpfRoot), name);

    private static byte[] ValueOf(BpfMap map)
    {
        var value = new byte[map.AsBytes().ValueSize];
        Assert.That(map.AsBytes().TryGetValue(new byte[sizeof(uint)], value), Is.True);
        return value;
    }
}
