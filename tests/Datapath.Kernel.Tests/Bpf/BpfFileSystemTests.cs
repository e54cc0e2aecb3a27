using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Folders on the bpf filesystem.</summary>
[TestFixture]
internal sealed class BpfFileSystemTests
{
    [Test]
    public void Folders_are_made_with_all_above_them_and_twice_is_no_error()
    {
        using var pins = new TestPins();
        var path = pins.Path + "/a/b";
        BpfFileSystem.CreateDirectory(path);
        BpfFileSystem.CreateDirectory(path);
        Assert.That(Directory.Exists(path), Is.True);
        Assert.That(BpfFileSystem.Contains(path), Is.True);
        Assert.That((BpfFileSystem.Contains(path + "/c"), BpfFileSystem.CanContain(path + "/c")), Is.EqualTo((false, true)));
        Assert.That(BpfFileSystem.Contains("/tmp"), Is.False);
    }

    [Test]
    public void A_path_elsewhere_is_refused_and_the_message_says_what_to_do()
    {
        var path = Path.Combine(Path.GetTempPath(), $"datapath-test-{Environment.ProcessId}/pins");
        Assert.That(
            () => BpfFileSystem.CreateDirectory(path),
            Throws.TypeOf<LinuxException>().With.Message.StartsWith($"use '{path}' for pinned state: EINVAL")
                .And.Message.Contains("choose a folder below /sys/fs/bpf)"));
        Assert.That((Directory.Exists(path), BpfFileSystem.CanContain(path)), Is.EqualTo((false, false)));
    }

    [Test]
    public void A_file_in_the_way_is_told()
    {
        using var pins = new TestPins();
        using var map = BpfMap.Create(new() { Name = "file", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        map.Pin(pins["file"]);
        Assert.That(() => BpfFileSystem.CreateDirectory(pins["file"] + "/below"), Throws.InstanceOf<LinuxException>().With.Message.Contains(pins["file"]));
    }

    [Test]
    public void A_mounted_filesystem_is_never_hidden_by_another([Values] bool isLink)
    {
        using var pins = new TestPins();
        var outside = Directory.CreateTempSubdirectory("datapath-test-");
        MountSandbox.Run(() =>
        {
            BpfFileSystem.CreateDirectory(pins.Path);
            var link = pins["link"];
            _ = Directory.CreateSymbolicLink(link, outside.FullName);
            var before = File.ReadAllText("/proc/thread-self/mountinfo");
            var path = isLink ? link + "/pins" : pins.Path + "/../../../../" + outside.FullName + "/pins";
            Assert.That(() => BpfFileSystem.CreateDirectory(path), Throws.TypeOf<LinuxException>().With.Message.Contains("EINVAL (it is not on a bpf filesystem"));
            Assert.That(BpfFileSystem.CanContain(path), Is.False);
            Assert.That(File.ReadAllText("/proc/thread-self/mountinfo"), Is.EqualTo(before));
            File.Delete(link);
        });
        outside.Delete();
    }

    [Test]
    public void A_path_must_be_absolute()
    {
        Assert.That(() => BpfFileSystem.CreateDirectory("pins"), Throws.ArgumentException);
        Assert.That(() => BpfFileSystem.CanContain("pins"), Throws.ArgumentException);
    }

    [Test]
    public void What_cannot_be_a_pin_is_told()
    {
        using var pins = new TestPins();
        BpfFileSystem.CreateDirectory(pins.Path);
        using var map = BpfMap.Create(new() { Name = "file", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 1 });
        Assert.That(() => map.Pin(pins["a.b"]), Throws.TypeOf<BpfException>().With.Message.Contains("names on a bpf filesystem have no dots"));
        Assert.That(() => map.Pin(pins["a\0b"]), Throws.ArgumentException);
        Assert.That(() => map.Pin(null!), Throws.ArgumentNullException);
        Assert.That(() => BpfMap.OpenPinned(typeof(BpfFileSystemTests).Assembly.Location), Throws.TypeOf<BpfException>().With.Message.Contains("the file is not on a bpf filesystem"));
    }

    [Test]
    public void Where_nothing_is_mounted_the_filesystem_is_mounted()
    {
        using var pins = new TestPins();
        MountSandbox.Run(() =>
        {
            MountSandbox.UnmountAll(BpfFileSystem.DefaultMountPoint);
            Assert.That(BpfFileSystem.Contains(BpfFileSystem.DefaultMountPoint), Is.False);
            Assert.That((BpfFileSystem.CanContain(pins.Path), BpfFileSystem.CanContain("/tmp/pins")), Is.EqualTo((true, false)));
            Assert.That(BpfFileSystem.Contains(BpfFileSystem.DefaultMountPoint), Is.False, "asking mounts nothing");
            BpfFileSystem.CreateDirectory(pins.Path);
            Assert.That(BpfFileSystem.Contains(pins.Path), Is.True);
        });
    }
}
