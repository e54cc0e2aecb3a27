using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>What is said of a name that there is not.</summary>
public class CloseNamesTests
{
    [Test]
    public void Asked_for_a_name_that_it_does_not_have_an_object_tells_the_closest()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        Assert.That(() => spec.Maps["dp_frontend4"], Throws.TypeOf<KeyNotFoundException>()
            .With.Message.StartsWith("the object has no map 'dp_frontend4'; it has dp_frontends4, dp_frontends6, "));
        Assert.That(() => spec.Programs["dp_conect6"], Throws.TypeOf<KeyNotFoundException>()
            .With.Message.StartsWith("the object has no program 'dp_conect6'; it has dp_connect6, dp_connect4, "));
        Assert.That(() => spec.Variables["DP_NO_BACKEND_ERRNO"], Throws.TypeOf<KeyNotFoundException>()
            .With.Message.StartsWith("the object has no variable 'DP_NO_BACKEND_ERRNO'; it has dp_no_backend_errno"));
        Assert.That(() => spec.DataSections[".rodatas"], Throws.TypeOf<KeyNotFoundException>()
            .With.Message.StartsWith("the object has no section of variables '.rodatas'; it has .rodata"));
        Assert.That((spec.Maps.TryGetValue("dp_frontend4", out var none), none), Is.EqualTo((false, default(MapSpec))));
        Assert.That(spec.Maps.Select(static m => m.Key), Is.EquivalentTo(spec.Maps.Keys));
    }

    [TestCase("count", "calls,counts,count_dial,mount", "counts, mount, calls, count_dial")]
    [TestCase("x", "", "none")]
    [TestCase("", "bb,a", "a, bb")]
    [TestCase("ab", "ba,b,ac", "ac, b, ba")]
    [TestCase("i9", "i0,i1,i2,i3,i4,i5,i6,i7,i8", "i0, i1, i2, i3, i4, i5, i6, i7 and 1 more")]
    public void Names_are_listed_by_how_close_they_are(string wanted, string names, string expected) =>
        Assert.That(CloseNames.List(wanted, names.Split(',', StringSplitOptions.RemoveEmptyEntries)), Is.EqualTo(expected));
}
