using System.Diagnostics;
using System.Runtime.Versioning;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Cgroups;

public class CgroupTests
{
    private Cgroup _cgroup = null!;

    [SetUp]
    public void MakeCgroup() => _cgroup = Cgroup2.FindMount().OpenRoot().CreateChild($"datapath-test-{Environment.ProcessId}-{Guid.NewGuid():N}");

    [TearDown]
    public void DropCgroup() => _cgroup.Delete();

    [Test]
    [SupportedOSPlatform("linux")]
    public void A_cgroup_that_may_not_be_written_to_is_named()
    {
        File.SetUnixFileMode(_cgroup.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        LimitedThread.Run(LinuxCapabilities.None, () => Assert.That(
            () => _cgroup.CreateChild("inner"),
            Throws.TypeOf<LinuxException>().With.Message.StartsWith(
                $"create cgroup '{_cgroup}/inner': EACCES (making a cgroup needs the right to write to '{_cgroup}': root has it, and whoever the directory was delegated to)")));
    }

    [Test]
    public void The_hierarchy_of_this_machine_is_found()
    {
        var mount = Cgroup2.FindMount();
        Assert.That(File.Exists(Path.Combine(mount.Path, "cgroup.procs")));
        Assert.That(mount.OpenRoot().Id, mount.IsWholeHierarchy ? Is.EqualTo(1) : Is.GreaterThan(1));
    }

    [Test]
    public void The_own_cgroup_holds_this_process()
    {
        Assert.That(Cgroup2.OpenCurrent().Processes, Does.Contain(Environment.ProcessId));
        Assert.That(Cgroup2.GetCurrentPath(), Does.StartWith("/"));
    }

    [Test]
    public void A_cgroup_has_the_number_of_its_directory_and_an_end_when_deleted()
    {
        var child = _cgroup.CreateChild("child");
        using (var handle = child.OpenHandle())
            Assert.That(handle.IsInvalid, Is.False);
        Assert.That(child.Id, Is.Not.EqualTo(_cgroup.Id).And.GreaterThan(1));
        Assert.That(_cgroup.OpenChild("child").Id, Is.EqualTo(child.Id));
        Assert.That(child.Processes, Is.Empty);
        Assert.That(() => _cgroup.CreateChild("child"), Throws.TypeOf<LinuxException>().With.Message.EqualTo($"create cgroup '{child}': EEXIST"));

        child.Delete();
        child.Delete(); // gone already, which is no error
        Assert.That(child.OpenHandle, Throws.TypeOf<CgroupNotFoundException>().With.Message.EqualTo($"open cgroup '{child}': ENOENT (there is no such directory)"));
        Assert.That(() => child.Processes, Throws.InstanceOf<LinuxException>());
    }

    [Test]
    public void A_cgroup_is_found_by_its_number_until_it_is_deleted()
    {
        var child = _cgroup.CreateChild("child");
        Assert.That((Cgroup2.FindById(child.Id)?.Path, Cgroup2.FindById(_cgroup.Id)?.Path), Is.EqualTo((child.Path, _cgroup.Path)));
        using (child.OpenHandle())
        {
            child.Delete();
            Assert.That(Cgroup2.FindById(child.Id), Is.Null);
        }

        Assert.That(Cgroup2.FindById(ulong.MaxValue), Is.Null);
    }

    [Test]
    public void Only_the_process_given_is_moved_and_what_it_starts_later_follows()
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            _cgroup.AddProcess(shell.Id);
            Assert.That(_cgroup.Processes, Is.EqualTo(new[] { shell.Id }));
            Assert.That(Cgroup2.OpenCurrent().Processes, Does.Contain(Environment.ProcessId));

            shell.StandardInput.WriteLine("cat /proc/self/cgroup; echo end");
            var lines = new List<string>();
            while (shell.StandardOutput.ReadLine() is { } line and not "end")
                lines.Add(line);
            Assert.That(lines.Single(static line => line.StartsWith("0::", StringComparison.Ordinal)), Does.EndWith(Path.GetFileName(_cgroup.Path)));
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
            shell.WaitForExit();
        }
    }

    [Test]
    public void A_cgroup_that_is_not_empty_says_who_is_inside()
    {
        using var child = Process.Start(new ProcessStartInfo("/bin/cat") { RedirectStandardInput = true })!;
        try
        {
            _cgroup.AddProcess(child.Id);
            Assert.That(_cgroup.Delete, Throws.TypeOf<LinuxException>().With.Message.EqualTo($"delete cgroup '{_cgroup}': EBUSY (it holds processes: {child.Id})"));
        }
        finally
        {
            child.Kill();
            child.WaitForExit();
        }

        var inner = _cgroup.CreateChild("inner");
        Assert.That(_cgroup.Delete, Throws.TypeOf<LinuxException>().With.Message.EqualTo($"delete cgroup '{_cgroup}': EBUSY (it holds cgroups: inner)"));
        inner.Delete();
    }

    [Test]
    public void A_process_that_is_missing_is_ESRCH() =>
        Assert.That(() => _cgroup.AddProcess(int.MaxValue), Throws.TypeOf<LinuxException>()
            .With.Message.EqualTo($"move process {int.MaxValue} into cgroup '{_cgroup}': ESRCH (there is no such process)"));

    [TestCase("/tmp", "it is not on cgroup v2")]
    [TestCase("/no/such", "there is no such directory")]
    public void What_is_not_a_cgroup_is_refused_and_the_message_says_where_they_are(string path, string reason) =>
        Assert.That(() => Cgroup.Open(path), Throws.TypeOf<CgroupNotFoundException>().With.Message.EqualTo(
            $"open cgroup '{path}': ENOENT ({reason}; cgroup v2 is mounted at '{Cgroup2.FindMount().Path}')"));

    [Test]
    public void A_file_of_a_cgroup_is_not_a_cgroup() =>
        Assert.That(() => Cgroup.Open(Path.Combine(_cgroup.Path, "cgroup.procs")), Throws.TypeOf<CgroupNotFoundException>());

    [TestCase("..")]
    [TestCase("a/b")]
    [TestCase("a\nb")]
    [TestCase("")]
    public void A_name_that_leads_elsewhere_is_a_mistake_of_the_caller(string name) =>
        Assert.That(() => _cgroup.CreateChild(name), Throws.InstanceOf<ArgumentException>());
}
