using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>What cgroups are called, by their paths.</summary>
public class CgroupNamesTests
{
    [TestCase("/sys/fs/cgroup/kubepods/pod1f-2e/container", "1f-2e")]
    [TestCase("/sys/fs/cgroup/kubepods/burstable/pod1f-2e", "1f-2e")]
    [TestCase("/sys/fs/cgroup/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1f_2e.slice/cri-containerd-12.scope", "1f-2e")]
    [TestCase("/sys/fs/cgroup/kubepods.slice/kubepods-pod1f_2e.slice", "1f-2e")]
    [TestCase("/sys/fs/cgroup/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1f_2e.slice", "1f-2e")]
    [TestCase("/sys/fs/cgroup/machines/web-0F8FAD5B-d9cb-469f-a165-70867728950e.scope/init", "0F8FAD5B-d9cb-469f-a165-70867728950e")]
    [TestCase("/sys/fs/cgroup/machines.slice/pod_0f8fad5b_d9cb_469f_a165_70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [TestCase("/sys/fs/cgroup/machines/0f8fad5b-d9cb-469f-a165-70867728950", null)]
    [TestCase("/sys/fs/cgroup/kubepods/burstable", null)]
    [TestCase("/sys/fs/cgroup/kubepods/pod", null)]
    [TestCase("/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice", null)]
    [TestCase("/sys/fs/cgroup/system.slice/podman.service", null)]
    [TestCase("/sys/fs/cgroup", null)]
    public void The_UID_of_a_pod_is_in_the_path_of_its_cgroups(string path, string? uid) => Assert.That(PodCgroups.UidOf(path), Is.EqualTo(uid));

    [Test]
    public void A_path_is_looked_up_once_and_so_is_one_that_is_gone()
    {
        var asked = new List<ulong>();
        var names = new CgroupNames(
            static _ => null,
            id =>
            {
                asked.Add(id);
                return id == 1 ? "/sys/fs/cgroup/system.slice/nginx.service" : null;
            });
        for (var i = 0; i < 2; i++)
        {
            Assert.That(names.NameOf(1)?.Text, Is.EqualTo("nginx.service"));
            Assert.That(names.NameOf(2), Is.Null);
        }

        Assert.That(asked, Is.EqualTo(new ulong[] { 1, 2 }));
    }

    [Test]
    public void A_pod_that_is_told_late_is_known_from_then_on()
    {
        PodName? pod = null;
        var names = new CgroupNames(uid => uid == "1f" ? pod : null, static _ => "/kubepods/pod1f/container");
        Assert.That(names.NameOf(1), Is.EqualTo(new CgroupLabel("container", "1f", IsPod: false)));
        pod = new("shop", "cart");
        Assert.That(names.NameOf(1), Is.EqualTo(new CgroupLabel("shop/cart", "1f", IsPod: true)));
    }
}
