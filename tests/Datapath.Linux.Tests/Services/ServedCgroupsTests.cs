using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

public class ServedCgroupsTests
{
    private static readonly string[] s_names = ["/", "/kubepods/pod1", "/system.slice/sshd.service", "/../pod2", "/../../system.slice"];

    [Test]
    public void On_a_host_all_that_has_a_name_there_is_below_the_root()
    {
        var found = ServedCgroups.Sort(new("/sys/fs/cgroup", "/", IsWholeHierarchy: true), "/sys/fs/cgroup", "/system.slice/agent", s_names);
        Assert.That(found.Own, Is.Null);
        Assert.That(found.Outside, Is.EqualTo(new[] { "/../../system.slice", "/../pod2" }));
        Assert.That(found.Below, Is.EqualTo(new[] { "/sys/fs/cgroup", "/sys/fs/cgroup/kubepods/pod1", "/sys/fs/cgroup/system.slice/sshd.service" }));
    }

    [Test]
    public void Of_a_part_of_the_hierarchy_only_what_is_below_it_is_served()
    {
        var found = ServedCgroups.Sort(new("/sys/fs/cgroup/unified", "/", IsWholeHierarchy: true), "/sys/fs/cgroup/unified/kubepods", "/", s_names);
        Assert.That(found.Own, Is.EqualTo("/"));
        Assert.That(found.Below, Is.EqualTo(new[] { "/sys/fs/cgroup/unified/kubepods/pod1" }));
        Assert.That(found.Outside, Has.Length.EqualTo(4));
    }

    [Test]
    public void The_directory_of_the_host_in_a_container_shows_all_that_is_not_above_it()
    {
        var found = ServedCgroups.Sort(new("/host/cgroup", "/../..", IsWholeHierarchy: true), "/host/cgroup", "/", [.. s_names, "/../../../above"]);
        Assert.That(found.Own, Is.Null);
        Assert.That(found.Outside, Is.EqualTo(new[] { "/../../../above" }));
        Assert.That(found.Below, Is.EqualTo(new[] { "/host/cgroup/system.slice" }), "of the others the directories cannot be known");
    }

    [Test]
    public void A_neighbour_whose_name_begins_alike_is_not_below()
    {
        var found = ServedCgroups.Sort(new("/sys/fs/cgroup", "/", IsWholeHierarchy: true), "/sys/fs/cgroup/web", "/web2", ["/web", "/web2", "/web/a"]);
        Assert.That(found.Own, Is.EqualTo("/web2"));
        Assert.That(found.Outside, Is.EqualTo(new[] { "/web2" }));
    }

    [TestCase("/", 0, "")]
    [TestCase("/a/b", 0, "/a/b")]
    [TestCase("/..", 1, "")]
    [TestCase("/../../a", 2, "/a")]
    [TestCase("/..a", 0, "/..a")]
    public void Names_go_up_and_then_down(string name, int ups, string rest) => Assert.That(CgroupName.Parse(name), Is.EqualTo(new CgroupName(ups, rest)));

    [TestCase("/a", "/../b")]
    public void Where_the_names_do_not_tell_nothing_is_said(string name, string other) =>
        Assert.That(CgroupName.Parse(name).IsAtOrBelow(CgroupName.Parse(other)), Is.Null);
}
