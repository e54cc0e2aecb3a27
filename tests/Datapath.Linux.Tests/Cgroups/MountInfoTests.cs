namespace Datapath.Linux.Tests.Cgroups;

public class MountInfoTests
{
    [Test]
    public void A_line_is_read_with_and_without_optional_fields()
    {
        var mounts = MountInfo.Parse(
            """
            36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:3 - ext3 /dev/root rw,errors=continue
            24 1 0:22 / /proc rw - proc proc rw

            """);

        Assert.That(mounts, Has.Length.EqualTo(2));
        Assert.Multiple(() =>
        {
            Assert.That(mounts[0].MountPoint, Is.EqualTo("/mnt2"));
            Assert.That(mounts[0].Root, Is.EqualTo("/mnt1"));
            Assert.That(mounts[0].FileSystemType, Is.EqualTo("ext3"));
            Assert.That(mounts[0].Source, Is.EqualTo("/dev/root"));
            Assert.That(mounts[0].Options, Is.EqualTo(new[] { "rw", "noatime", "errors=continue" }));
            Assert.That(mounts[1].FileSystemType, Is.EqualTo("proc"));
        });
    }

    [Test]
    public void Octal_escapes_become_the_characters_they_stand_for()
    {
        var mount = MountInfo.Parse("""36 35 0:1 /a\134b /my\040mount\011x rw - tmpfs a\012b rw""")[0];
        Assert.That((mount.Root, mount.MountPoint, mount.Source), Is.EqualTo((@"/a\b", "/my mount\tx", "a\nb")));
    }

    [Test]
    public void A_lone_dash_in_front_of_the_separator_is_a_name()
    {
        var mount = MountInfo.Parse("36 35 0:1 / - rw - tmpfs none rw")[0];
        Assert.That((mount.MountPoint, mount.FileSystemType), Is.EqualTo(("-", "tmpfs")));
    }

    [TestCase("")]
    [TestCase("36 35")]
    [TestCase("36 35 0:1 / /x rw shared:1")]
    [TestCase("36 35 0:1 / /x rw -")]
    [TestCase("36 35 0:1 / /x rw - tmpfs")]
    [TestCase("- - - - - - -")]
    public void A_line_of_another_shape_is_passed_over(string line) => Assert.That(MountInfo.Parse(line), Is.Empty);

    [Test]
    public void Random_text_never_throws()
    {
        var random = new Random(4);
        const string Alphabet = "a/ -\\0179:,\n";
        for (var round = 0; round < 20_000; round++)
            MountInfo.Parse(string.Create(random.Next(60), random, static (span, r) => r.GetItems(Alphabet.AsSpan(), span)));
        Assert.Pass();
    }
}
