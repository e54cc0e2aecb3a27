using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What is loaded, listed from the kernel.</summary>
[TestFixture]
internal sealed class InventoryTests
{
    private const string LongName = "a_program_with_a_long_name";

    [Test]
    [MinimumKernel("5.16", "map_extra")]
    public void The_details_of_a_map_tell_what_its_kind_makes_of_the_extra_number()
    {
        using var map = BpfMap.Create(new() { Name = "seen", Type = MapType.BloomFilter, KeySize = 0, ValueSize = 4, MaxEntries = 100, Extra = 7 });
        Assert.That(map.ReadDetails().Extra, Is.EqualTo(7));
        Assert.That(map.ReadDetails().Info, Is.EqualTo(map.Info));
    }

    [Test]
    public void A_program_is_listed_with_its_full_name_and_its_maps()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        var id = loaded.Programs[LongName].Id;
        var listed = BpfInventory.Programs().Single(p => p.Id == id);
        Assert.That((listed.Name, listed.Type, listed.UserId, listed.IsGplCompatible), Is.EqualTo((LongName, ProgramType.Xdp, 0U, true)));
        Assert.That(listed.ToString(), Is.EqualTo($"Xdp {LongName} (program {id})"));
        string[] used = ["states", "numbers", ".data", ".rodata", ".bss"];
        Assert.That(listed.MapIds, Is.EquivalentTo(used.Select(name => loaded.Maps[name].Info.Id)));
        Assert.That(listed.Tag, Has.Length.EqualTo(16).And.Match("^[0-9a-f]+$").And.Not.EqualTo(new string('0', 16)));
        Assert.That(File.ReadAllText($"/proc/self/fdinfo/{FdOf(loaded.Programs[LongName].Handle)}"), Does.Contain($"prog_tag:\t{listed.Tag}"));
        Assert.That(listed.Size, Is.Positive.And.EqualTo(listed.Size / 8 * 8));
        Assert.That(new[] { listed.MachineCodeSize, listed.BtfId, listed.VerifiedInstructions }, Is.All.Positive);
        Assert.That(listed.MemoryBytes, Is.Positive);
        Assert.That((listed.InterfaceIndex, listed.AttachBtfId, listed.RecursionMisses), Is.EqualTo((0U, 0U, 0L)));
    }

    [Test]
    public void The_time_of_the_load_counts_from_the_start_of_the_machine()
    {
        using var first = TestPrograms.Return(2, ProgramType.Xdp);
        using var second = TestPrograms.Return(2, ProgramType.Xdp);
        var (a, b) = (first.ReadDetails(), second.ReadDetails());
        Assert.That(a.LoadedAfterBoot, Is.GreaterThan(TimeSpan.Zero).And.LessThan(b.LoadedAfterBoot));
        Assert.That(b.LoadedAfterBoot - a.LoadedAfterBoot, Is.LessThan(TimeSpan.FromMinutes(1)));
        Assert.That(a.Tag, Is.EqualTo(b.Tag), "the same code");
        Assert.That(a.Name, Is.EqualTo("return_2"));
    }

    [Test]
    public void A_map_is_listed_with_its_types_and_flags()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        var ids = loaded.Maps.ToDictionary(static m => m.Key, static m => m.Value.Info.Id);
        var listed = BpfInventory.Maps().ToDictionary(static m => m.Id);
        var states = listed[ids["states"]];
        Assert.That(states.Info, Is.EqualTo(loaded.Maps["states"].Info));
        Assert.That((states.IsFrozen, states.Extra, states.InterfaceIndex), Is.EqualTo(((bool?)false, 0UL, 0U)));
        Assert.That(new[] { states.BtfId, states.KeyTypeId, states.ValueTypeId }, Is.All.Positive);
        Assert.That(states.MemoryBytes, Is.Positive);
        Assert.That(listed[ids["prefixes"]].Info.Flags, Is.EqualTo(MapFlags.NoPrealloc));
        Assert.That(listed[ids[".rodata"]].IsFrozen, Is.True);
        Assert.That(new[] { ".rodata", ".data", ".bss" }.Select(name => (listed[ids[name]].KeyTypeId, HasType: listed[ids[name]].ValueTypeId != 0)), Is.All.EqualTo((0U, true)));
    }

    [Test]
    public void A_link_is_listed_while_it_lives()
    {
        using var cgroup = new TestCgroup();
        using var program = TestPrograms.Proceed();
        BpfLinkInfo info;
        using (var link = CgroupLink.Attach(program, cgroup.Cgroup))
        {
            info = link.Info;
            Assert.That(BpfInventory.Links(), Has.Some.EqualTo(info));
        }

        Assert.That(BpfInventory.Links(), Has.None.EqualTo(info));
    }

    [Test]
    public void The_types_of_the_kernel_and_of_a_program_are_listed()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        var own = loaded.Maps["states"].ReadDetails().BtfId;
        var listed = BpfInventory.Types().ToList();
        Assert.That(listed.Where(static t => t.IsKernel && !t.IsModule).Select(static t => t.Name), Is.EqualTo(["vmlinux"]));
        Assert.That(listed.Single(static t => t.Name == "vmlinux").Size, Is.EqualTo(new FileInfo("/sys/kernel/btf/vmlinux").Length));
        Assert.That(listed.Single(t => t.Id == own), Is.EqualTo(new BtfDetails(own, "", (uint)BpfObjectSpec.Parse(TestObject.Read("inspect")).Btf.Length, IsKernel: false)));
    }

    [Test]
    public void Programs_and_maps_are_found_by_names_that_the_kernel_cut()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        using var map = BpfMap.Create(MapSpec.Hash<uint, uint>("a_map_with_a_long_name", 4));
        Assert.That(BpfInventory.FindPrograms(LongName).Select(static p => p.Id), Does.Contain(loaded.Programs[LongName].Id));
        Assert.That(BpfInventory.FindMaps("a_map_with_a_long_name").Select(static m => m.Id), Does.Contain(map.Info.Id));
        Assert.That(BpfInventory.FindMaps("a_map_with").Select(static m => m.Id), Does.Not.Contain(map.Info.Id));
        Assert.That(BpfInventory.FindPrograms("nobody_has_this_name"), Is.Empty);
    }

    [Test]
    public void A_list_survives_what_vanishes_while_it_is_read()
    {
        var programs = Enumerable.Range(0, 20).Select(static _ => TestPrograms.Return(2, ProgramType.Xdp)).ToList();
        var (first, others) = (programs[0].Id, programs.Skip(1).Select(static p => p.Id).ToList());
        var seen = new List<uint>();
        foreach (var program in BpfInventory.Programs())
        {
            seen.Add(program.Id);
            if (program.Id == first)
                programs.ForEach(static p => p.Dispose());
        }

        // The kernel frees a program after a grace period: some may be seen, none may end the walk.
        Assert.That(seen, Does.Contain(first).And.Ordered);
        Eventually.True(() => !BpfInventory.Programs().Any(p => others.Contains(p.Id)), "programs without a holder go");
    }

    [Test]
    public void Pins_are_listed_with_what_they_hold()
    {
        using var pins = new TestPins();
        using var cgroup = new TestCgroup();
        using var program = TestPrograms.Proceed();
        using var map = BpfMap.Create(MapSpec.Hash<uint, uint>("pinned", 4));
        program.Pin(pins["program"]);
        map.Pin(pins["map"]);
        BpfFileSystem.CreateDirectory(pins["below"]);
        using var link = CgroupLink.Attach(program, cgroup.Cgroup);
        link.Pin(pins["below/link"]);
        Assert.That(BpfInventory.Pins(pins.Path), Is.EquivalentTo(new BpfPinned[]
        {
            new(pins["program"], BpfItemKind.Program, program.Id),
            new(pins["map"], BpfItemKind.Map, map.Info.Id),
            new(pins["below/link"], BpfItemKind.Link, link.Info.Id),
        }));
        Assert.That(BpfInventory.Pins().Select(static p => p.Path), Does.Contain(pins["map"]));
    }

    [Test]
    public void Pins_are_looked_for_only_where_pins_can_be()
    {
        Assert.That(static () => BpfInventory.Pins("/proc"), Throws.TypeOf<LinuxException>().With.Message.EqualTo("look into '/proc' for pins: EINVAL (it is not on a bpf filesystem)"));
        Assert.That(static () => BpfInventory.Pins("/sys/fs/bpf/no/such"), Throws.TypeOf<LinuxException>().With.Property("Errno").EqualTo(Errno.ENOENT));
    }

    [Test]
    public void The_process_that_has_a_descriptor_is_named()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        using var cgroup = new TestCgroup();
        using var program = TestPrograms.Proceed();
        using var link = CgroupLink.Attach(program, cgroup.Cgroup);
        var own = BpfInventory.Holders().Where(static h => h.ProcessId == Environment.ProcessId).ToList();
        Assert.That(own.Select(static h => h.ProcessName).Distinct(), Is.EqualTo([File.ReadAllText("/proc/self/comm").TrimEnd()]));
        var items = own.ConvertAll(static h => (h.Kind, h.Id));
        Assert.That(items, Is.Unique);
        Assert.That(items, Does.Contain((BpfItemKind.Program, program.Id)).And.Contain((BpfItemKind.Link, link.Info.Id)));
        Assert.That(items, Does.Contain((BpfItemKind.Map, loaded.Maps["states"].Info.Id)));
    }

    [Test]
    public void Lists_leave_no_descriptor_behind()
    {
        using var loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("inspect")));
        void ListAll()
        {
            _ = BpfInventory.Programs().Count() + BpfInventory.Maps().Count() + BpfInventory.Links().Count() + BpfInventory.Types().Count();
            _ = BpfInventory.Pins().Count() + BpfInventory.Programs().Take(1).Count();
        }

        ListAll();
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 20; i++)
            ListAll();
        Assert.That(Directory.GetFiles("/proc/self/fd"), Has.Length.LessThan(before + 10), "20 lists that leaked would leave more");
    }

    [Test]
    public void Without_the_capability_a_list_says_what_is_missing() => LimitedThread.RunWithout(LinuxCapabilities.SysAdmin, static () =>
    {
        void Refused<T>(IEnumerable<T> list, string what) => Assert.That(
            () => list.Count(), Throws.TypeOf<BpfException>().With.Message.StartsWith($"list the {what}: EPERM (CAP_SYS_ADMIN is missing; root has it"));
        Refused(BpfInventory.Programs(), "programs");
        Refused(BpfInventory.Maps(), "maps");
        Refused(BpfInventory.Links(), "links");
        Refused(BpfInventory.Types(), "BTF objects");
    });

    [Test]
    public void This_kernel_has_numbers_of_links_and_types() =>
        Assert.That((BpfFeature.LinkNumbers.IsSupported, BpfFeature.BtfNumbers.IsSupported), Is.EqualTo((true, true)));

    private static uint FdOf(SafeBpfHandle handle)
    {
        using var lease = handle.Lease();
        return lease.Fd;
    }
}
