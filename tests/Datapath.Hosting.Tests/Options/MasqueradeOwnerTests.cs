namespace Datapath.Hosting.Tests.Options;

/// <summary>What tells the table of one pin folder from that of another.</summary>
internal sealed class MasqueradeOwnerTests
{
    [Test]
    public void It_is_the_pin_folder_of_masquerading()
    {
        var options = new DatapathOptions { BpfRoot = "/sys/fs/bpf/blue/" };
        Assert.That(options.ToNftablesOptions().Owner, Is.EqualTo("/sys/fs/bpf/blue-masquerade"));
        Assert.That((options.ToNftablesOptions().Lifetime, options.ToMasqueradeOptions().Lifetime), Is.EqualTo((options.Lifetime, options.Lifetime)));
        options.Lifetime = Linux.DatapathLifetime.Process;
        Assert.That(options.ToNftablesOptions().Lifetime, Is.EqualTo(Linux.DatapathLifetime.Process));
    }

    [Test]
    public void A_folder_that_is_too_long_for_a_comment_has_a_hash()
    {
        var (one, other) = (MasqueradeOwner.Of("/" + new string('a', 127)), MasqueradeOwner.Of("/" + new string('b', 127)));
        Assert.That(one, Does.StartWith("sha256:").And.Length.LessThan(127).And.Not.EqualTo(other));
        Assert.That(MasqueradeOwner.Of("/" + new string('a', 126)), Has.Length.EqualTo(127));
    }
}
