using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Namespaces;

public class NamedNamespaceTests
{
    [Test]
    public void A_named_namespace_outlives_the_object_that_made_it() => InSandbox(static () =>
    {
        ulong inode;
        ulong cookie;
        using (var blue = NetworkNamespace.CreateNamed("blue"))
        {
            (inode, cookie) = (blue.Inode, blue.Cookie);
            using var route = blue.OpenRouteNetlink();
            route.CreateBridge("inside");
        }

        using (var again = NetworkNamespace.OpenNamed("blue"))
        {
            using var route = again.OpenRouteNetlink();
            Assert.That((again.Inode, again.Cookie, route.FindLink("inside")?.Kind), Is.EqualTo((inode, cookie, "bridge")));
        }

        Assert.That(NetworkNamespace.DeleteName("blue"), Is.True);
        Assert.That(static () => NetworkNamespace.OpenNamed("blue"), Throws.TypeOf<LinuxException>()
            .With.Message.EqualTo("open network namespace '/run/netns/blue': ENOENT"));
    });

    [Test]
    public void Names_are_listed_and_only_those_that_have_a_namespace() => InSandbox(static () =>
    {
        Assert.That(NetworkNamespace.ListNames(), Is.Empty);
        NetworkNamespace.CreateNamed("red").Dispose();
        using var net = NetworkNamespace.Create();
        net.AddName("with space");
        net.AddName("blue");
        File.WriteAllText("/run/netns/left-over", "");
        Assert.That(NetworkNamespace.ListNames(), Is.EqualTo(new[] { "blue", "red", "with space" }));
        Assert.That(NetworkNamespace.DeleteName("red"), Is.True);
        Assert.That(NetworkNamespace.DeleteName("left-over"), Is.True, "what a crash left behind can be deleted");
        Assert.That(NetworkNamespace.ListNames(), Is.EqualTo(new[] { "blue", "with space" }));
        Assert.That(Directory.GetFiles("/run/netns"), Has.Length.EqualTo(2));
    });

    [Test]
    public void A_name_that_another_mount_covers_is_not_listed_even_if_a_file_there_has_it() => InSandbox(static () =>
    {
        NetworkNamespace.CreateNamed("covered").Dispose();
        Assert.That(Libc.mount("tmpfs", "/run", "tmpfs", 0, null), Is.Zero);
        NetworkNamespace.CreateNamed("there").Dispose();
        File.WriteAllText("/run/netns/covered", "");
        Assert.That(NetworkNamespace.ListNames(), Is.EqualTo(new[] { "there" }));
    });

    [Test]
    public void A_name_that_is_taken_is_EEXIST_and_stays_what_it_was() => InSandbox(static () =>
    {
        using var blue = NetworkNamespace.CreateNamed("blue");
        Assert.That(static () => NetworkNamespace.CreateNamed("blue"), Throws.TypeOf<LinuxException>().With.Message.EqualTo("create '/run/netns/blue': EEXIST"));
        using var still = NetworkNamespace.OpenNamed("blue");
        Assert.That(still.Inode, Is.EqualTo(blue.Inode));
    });

    [Test]
    public void A_name_that_does_not_exist_is_not_deleted() => InSandbox(static () => Assert.That(NetworkNamespace.DeleteName("nope"), Is.False));

    [Test]
    public void A_name_that_is_a_link_is_deleted_and_not_what_it_leads_to() => InSandbox(static () =>
    {
        NetworkNamespace.CreateNamed("blue").Dispose();
        Directory.CreateDirectory("/run/other");
        Assert.That(Libc.mount("tmpfs", "/run/other", "tmpfs", 0, null), Is.Zero);
        File.WriteAllText("/run/other/file", "");
        File.CreateSymbolicLink("/run/netns/link", "/run/other");
        Assert.That(NetworkNamespace.DeleteName("link"), Is.True);
        Assert.That((File.Exists("/run/other/file"), Path.Exists("/run/netns/link")), Is.EqualTo((true, false)));
    });

    [Test]
    public void A_lock_that_is_never_given_back_makes_nobody_wait_for_ever() => InSandbox(static () =>
    {
        NetworkNamespace.CreateNamed("blue").Dispose();
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(NetworkNamespace.NamesFolder, Libc.O_RDONLY, out var folder), $"open the folder");
        using (folder)
        {
            Assert.That(Libc.flock(folder, Libc.LOCK_EX | Libc.LOCK_NB), Is.Zero);
            Assert.That(static () => NetworkNamespace.EnsureNamesFolder(TimeSpan.FromMilliseconds(20)), Throws.TypeOf<LinuxException>()
                .With.Message.EqualTo("lock '/run/netns': EAGAIN (another process holds the lock)"));
        }

        NetworkNamespace.EnsureNamesFolder(TimeSpan.FromMilliseconds(20));
    });

    [TestCase("..")]
    [TestCase("a/b")]
    [TestCase("")]
    public void A_name_that_is_no_file_name_is_a_mistake_of_the_caller(string name)
    {
        Assert.That(() => NetworkNamespace.OpenNamed(name), Throws.ArgumentException);
        Assert.That(() => NetworkNamespace.DeleteName(name), Throws.ArgumentException);
    }

    [Test]
    public void The_namespaces_of_the_machine_are_listed_once_each_with_all_who_hold_them() => InSandbox(static () =>
    {
        using var net = NetworkNamespace.CreateNamed("one");
        net.AddName("two");
        using var current = NetworkNamespace.OpenProcess(Environment.ProcessId);

        var all = NetworkNamespaceInfo.List();
        Assert.That(all.Select(static item => item.Inode), Is.Unique);
        var named = all.Single(item => item.Inode == net.Inode);
        Assert.That((named.MountPoints.Order(), named.ProcessIds), Is.EqualTo((new[] { "/run/netns/one", "/run/netns/two" }, Array.Empty<int>())));
        Assert.That(all.Single(item => item.Inode == current.Inode).ProcessIds, Does.Contain(Environment.ProcessId));

        using (var opened = named.TryOpen())
            Assert.That(opened!.Cookie, Is.EqualTo(net.Cookie));
        NetworkNamespace.DeleteName("one");
        using (var opened = named.TryOpen())
            Assert.That(opened!.Cookie, Is.EqualTo(net.Cookie), "by its other name");
        NetworkNamespace.DeleteName("two");
        using (var opened = named.TryOpen())
            Assert.That(opened!.Cookie, Is.EqualTo(net.Cookie), "by the descriptor of this process");
        net.Dispose();
        Assert.That(named.TryOpen(), Is.Null);
    });

    [Test]
    public void A_namespace_that_only_this_process_has_open_is_found_by_its_descriptor()
    {
        NetworkNamespaceInfo found;
        using (var net = NetworkNamespace.Create())
        {
            found = NetworkNamespaceInfo.List().Single(item => item.Inode == net.Inode);
            Assert.That((found.MountPoints.Count, found.ProcessIds.Count), Is.EqualTo((0, 0)));
            Assert.That(found.Descriptors, Does.Contain((int)net.Handle.DangerousGetHandle()));
            using var opened = found.TryOpen();
            Assert.That(opened!.Cookie, Is.EqualTo(net.Cookie));
            Assert.That(opened.Handle.DangerousGetHandle(), Is.Not.EqualTo(net.Handle.DangerousGetHandle()), "one of its own");
        }

        // Its number stands for something else now.
        using var file = File.OpenHandle("/dev/null");
        Assert.That(found.Descriptors, Does.Contain((int)file.DangerousGetHandle()));
        Assert.That(found.TryOpen(), Is.Null);
    }

    [Test]
    public void A_namespace_has_a_number_in_another_one_once_it_is_given_or_needed()
    {
        using var here = NetworkNamespace.Create();
        using var there = NetworkNamespace.Create();
        using var route = here.OpenRouteNetlink();
        Assert.That(route.FindNamespaceId(there), Is.Null);
        var id = route.GetOrAssignNamespaceId(there);
        Assert.That((route.FindNamespaceId(there), route.GetOrAssignNamespaceId(there)), Is.EqualTo(((int?)id, id)));
        var veth = route.CreateVeth("a", "b", there);
        Assert.That(route.GetLink(veth).LinkedNamespaceId, Is.EqualTo(id));
        using var file = File.OpenHandle("/dev/null");
        Assert.That(() => route.FindNamespaceId(file), Throws.TypeOf<NetlinkException>());
    }

    // A /run of their own, in which nobody else makes names.
    private static void InSandbox(Action action) => MountSandbox.Run(() =>
    {
        Assert.That(Libc.mount("tmpfs", "/run", "tmpfs", 0, null), Is.Zero);
        action();
    });
}
