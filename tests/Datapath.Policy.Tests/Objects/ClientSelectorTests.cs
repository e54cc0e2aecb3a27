using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Objects;

internal sealed class ClientSelectorTests
{
    private static readonly ImmutableDictionary<string, string> s_none = ImmutableDictionary<string, string>.Empty;
    private static readonly ImmutableDictionary<string, string> s_a = s_none.Add("is", "a");
    private static readonly ImmutableDictionary<string, string> s_b = s_none.Add("is", "b");
    private static readonly ClientPeer s_namespacesA = new() { Namespaces = new(s_a) };
    private static readonly ClientPeer s_podsA = new() { Pods = new(s_a) };
    private static readonly ClientPeer s_host = new() { HostProcesses = true };

    [Test]
    public void Without_entries_everybody_is_chosen()
    {
        Assert.That(ClientSelector.Everybody.MatchesHostProcesses());
        Assert.That(ClientSelector.Everybody.MatchesPod(s_none, s_none));
    }

    [Test]
    public void Included_alone_are_chosen()
    {
        var selector = new ClientSelector { Include = [s_namespacesA, s_podsA] };
        Assert.That(selector.MatchesPod(s_a, s_b));
        Assert.That(selector.MatchesPod(s_b, s_a));
        Assert.That(selector.MatchesPod(s_b, s_b), Is.False);
        Assert.That(selector.MatchesHostProcesses(), Is.False);
        Assert.That((selector with { Include = [s_host] }).MatchesHostProcesses());
        Assert.That((selector with { Include = [s_host] }).MatchesPod(s_a, s_a), Is.False);
    }

    [Test]
    public void Excluded_are_never_chosen()
    {
        var selector = new ClientSelector { Include = [s_podsA, s_host], Exclude = [s_namespacesA, s_host] };
        Assert.That(selector.MatchesPod(s_b, s_a));
        Assert.That(selector.MatchesPod(s_a, s_a), Is.False);
        Assert.That(selector.MatchesHostProcesses(), Is.False);
        Assert.That((selector with { Include = [] }).MatchesPod(s_b, s_b));
    }

    [Test]
    public void Both_selectors_of_an_entry_have_to_match()
    {
        var selector = new ClientSelector { Include = [new() { Namespaces = new(s_a), Pods = new(s_b) }] };
        Assert.That(selector.MatchesPod(s_a, s_b));
        Assert.That(selector.MatchesPod(s_a, s_a), Is.False);
        Assert.That(selector.MatchesPod(s_b, s_b), Is.False);
    }
}
