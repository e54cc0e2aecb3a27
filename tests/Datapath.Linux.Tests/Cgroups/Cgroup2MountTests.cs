using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Tests.Cgroups;

public class Cgroup2MountTests
{
    private const string Version1 = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n";

    [Test]
    public void Host_with_version_2_only()
    {
        var mount = Select("35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate", "/sys/fs/cgroup");
        Assert.That(mount, Is.EqualTo(new CgroupMount("/sys/fs/cgroup", "/", IsWholeHierarchy: true)));
    }

    [Test]
    public void Host_with_version_2_beside_version_1()
    {
        var mount = Select(Version1 + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw", "/sys/fs/cgroup/unified");
        Assert.That(mount, Is.EqualTo(new CgroupMount("/sys/fs/cgroup/unified", "/", IsWholeHierarchy: true)));
    }

    [Test]
    public void Container_that_sees_a_part_by_its_root()
    {
        var mount = Select("900 880 0:30 /kubepods/pod1/c1 /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw");
        Assert.That(mount, Is.EqualTo(new CgroupMount("/sys/fs/cgroup", "/kubepods/pod1/c1", IsWholeHierarchy: false)));
    }

    [Test]
    public void Container_with_a_cgroup_namespace_sees_a_part_though_the_root_says_slash()
    {
        var mount = Select("900 880 0:30 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw");
        Assert.That(mount, Is.EqualTo(new CgroupMount("/sys/fs/cgroup", "/", IsWholeHierarchy: false)));
    }

    [Test]
    public void Container_with_the_directory_of_the_host_takes_that_one()
    {
        var mount = Select(
            """
            900 880 0:30 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw
            901 880 0:30 /../../.. /run/host/cgroup rw - cgroup2 cgroup rw
            """,
            "/run/host/cgroup");
        Assert.That(mount, Is.EqualTo(new CgroupMount("/run/host/cgroup", "/../../..", IsWholeHierarchy: true)));
    }

    [Test]
    public void Of_several_mounts_a_whole_one_with_the_shortest_path_is_taken()
    {
        var mount = Select(
            """
            50 24 0:30 /part /a rw - cgroup2 none rw
            51 24 0:30 / /run/cgroup2/long rw - cgroup2 none rw
            52 24 0:30 / /sys/fs/cgroup rw - cgroup2 none rw
            """,
            "/run/cgroup2/long", "/sys/fs/cgroup");
        Assert.That(mount.Path, Is.EqualTo("/sys/fs/cgroup"));
    }

    [Test]
    public void A_mount_hidden_by_a_later_one_is_not_taken()
    {
        var mount = Select(
            """
            51 24 0:30 / /sys/fs/cgroup rw - cgroup2 none rw
            52 24 0:31 / /sys/fs/cgroup rw - tmpfs none rw
            53 24 0:30 / /sys/fs/cgroup/unified rw - cgroup2 none rw
            """);
        Assert.That(mount.Path, Is.EqualTo("/sys/fs/cgroup/unified"));
    }

    [Test]
    public void Without_a_mount_the_error_says_what_to_do()
    {
        Assert.That(() => Select(Version1), Throws.TypeOf<CgroupNotFoundException>().With.Message.Contains("only cgroup v1 is mounted")
            .And.Message.Contains("mount -t cgroup2 none /sys/fs/cgroup/unified"));
        Assert.That(() => Select("24 1 0:22 / /proc rw - proc proc rw"), Throws.TypeOf<CgroupNotFoundException>().With.Message.Contains("it is not mounted"));
    }

    [Test]
    public void The_own_path_is_that_of_hierarchy_zero()
    {
        Assert.That(Cgroup2.ParseOwnPath("9:name=systemd:/x\n4:memory:/y\n0::/system.slice/my:app.service\n"), Is.EqualTo("/system.slice/my:app.service"));
        Assert.That(() => Cgroup2.ParseOwnPath("4:memory:/y\n"), Throws.TypeOf<CgroupNotFoundException>());
    }

    [TestCase("/", "/", ExpectedResult = "/cg")]
    [TestCase("/", "/a/b", ExpectedResult = "/cg/a/b")]
    [TestCase("/a", "/a", ExpectedResult = "/cg")]
    [TestCase("/a", "/a/b", ExpectedResult = "/cg/b")]
    public string A_cgroup_is_located_below_the_mount(string root, string path) => Cgroup2.Locate(new("/cg", root, true), path);

    [TestCase("/a", "/ab", "shows only what is below '/a'")]
    [TestCase("/", "/a (deleted)", "it was deleted")]
    public void A_cgroup_that_cannot_be_located_says_why(string root, string path, string reason) =>
        Assert.That(() => Cgroup2.Locate(new("/cg", root, true), path), Throws.TypeOf<CgroupNotFoundException>().With.Message.Contains(reason));

    private static CgroupMount Select(string mountInfo, params string[] hierarchyRoots) => Cgroup2.SelectMount(MountInfo.Parse(mountInfo), hierarchyRoots.Contains);
}
