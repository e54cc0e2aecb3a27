using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Objects;

internal sealed class LabelSelectorTests
{
    private static readonly string[] s_keys = ["app", "tier", "example.com/zone", "x"];
    private static readonly string[] s_values = ["", "a", "b", "c"];

    [Test]
    public void Selects_what_a_naive_reading_selects()
    {
        var random = new Random(1);
        var selected = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var selector = Selector(random);
            var labels = Labels(random);
            selected += selector.Matches(labels) ? 1 : 0;
            if (selector.Matches(labels) != Naive(selector, labels))
                Assert.Fail($"round {round}: '{selector}' on {string.Join(',', labels)}");
        }

        Assert.That(selected, Is.InRange(10_000, 90_000), "both answers occur often");
    }

    [Test]
    public void Its_text_is_read_as_the_same_selector()
    {
        var random = new Random(2);
        for (var round = 0; round < 20_000; round++)
        {
            var selector = Selector(random);
            Assert.That(LabelSelector.TryParse(selector.ToString(), out var read), $"'{selector}'");
            if (!read!.Equals(selector) || read.GetHashCode() != selector.GetHashCode())
                Assert.Fail($"'{selector}' is read as '{read}'");
        }
    }

    [Test]
    public void Matching_allocates_nothing()
    {
        var random = new Random(3);
        var cases = Enumerable.Range(0, 100).Select(_ => (Selector: Selector(random), Labels: Labels(random))).ToArray();
        var peer = new ClientPeer { Namespaces = cases[0].Selector, Pods = cases[1].Selector };
        var clients = new ClientSelector { Include = [peer], Exclude = [peer with { Pods = null }] };
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Run()
        {
            foreach (var (selector, labels) in cases)
            {
                _ = selector.Matches(labels);
                _ = clients.MatchesPod(labels, labels);
            }
        }
    }

    [TestCase("", "")]
    [TestCase("  ", "")]
    [TestCase("a", "a")]
    [TestCase(" ! a ", "!a")]
    [TestCase("a = b , c==d", "a=b,c=d")]
    [TestCase("a=", "a=")]
    [TestCase("a!=b", "a!=b")]
    [TestCase("a in (b)", "a=b")]
    [TestCase("a in(b, c),d notin ( e,f )", "a in (b,c),d notin (e,f)")]
    [TestCase("example.com/a=B.c_1", "example.com/a=B.c_1")]
    [TestCase("in in (in)", "in=in")]
    public void Selectors_are_read_as_kubectl_reads_them(string text, string expected)
    {
        Assert.That(LabelSelector.TryParse(text, out var selector));
        Assert.That(selector!.ToString(), Is.EqualTo(expected));
    }

    [TestCase(",")]
    [TestCase("a,")]
    [TestCase("a b")]
    [TestCase("a in")]
    [TestCase("a in b")]
    [TestCase("a in (b")]
    [TestCase("a in (b))")]
    [TestCase("a=b=c")]
    [TestCase("a>1")]
    [TestCase("=a")]
    [TestCase("!")]
    [TestCase("-a")]
    [TestCase("/a=b")]
    [TestCase("a/=b")]
    [TestCase("a=b c")]
    public void What_is_no_selector_is_refused(string text) => Assert.That(LabelSelector.TryParse(text, out _), Is.False);

    [Test]
    public void Random_text_is_read_or_refused()
    {
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var text = new string(random.GetItems<char>("ab=!,() in notin/.-", random.Next(16)));
            if (LabelSelector.TryParse(text, out var selector) && !(LabelSelector.TryParse(selector.ToString(), out var again) && again.Equals(selector)))
                Assert.Fail($"'{text}' is read as '{selector}', and that as another");
        }
    }

    [Test]
    public void The_order_of_labels_means_nothing_to_equality()
    {
        var one = ImmutableDictionary<string, string>.Empty.Add("a", "1").Add("b", "2");
        var other = ImmutableDictionary<string, string>.Empty.Add("b", "2").Add("a", "1");
        Assert.That(new LabelSelector(one), Is.EqualTo(new LabelSelector(other)));
        Assert.That(new LabelSelector(one), Is.Not.EqualTo(new LabelSelector(one.SetItem("a", "2"))));
    }

    /// <summary>The definition, without any thought of cost.</summary>
    private static bool Naive(LabelSelector selector, ImmutableDictionary<string, string> labels) =>
        selector.MatchLabels.All(pair => labels.Contains(pair))
        && selector.MatchExpressions.All(expression => expression.Operator switch
        {
            LabelOperator.Exists => labels.ContainsKey(expression.Key),
            LabelOperator.DoesNotExist => !labels.ContainsKey(expression.Key),
            LabelOperator.In => expression.Values.Any(value => labels.Contains(new(expression.Key, value))),
            _ => !expression.Values.Any(value => labels.Contains(new(expression.Key, value))),
        });

    private static ImmutableDictionary<string, string> Labels(Random random) =>
        s_keys.Where(_ => random.Next(2) == 0).ToImmutableDictionary(key => key, _ => random.GetItems(s_values, 1)[0]);

    private static LabelSelector Selector(Random random)
    {
        var labels = s_keys.Where(_ => random.Next(8) == 0).ToImmutableDictionary(key => key, _ => random.GetItems(s_values, 1)[0]);
        return new(labels, [.. Enumerable.Range(0, random.Next(3)).Select(_ => Requirement(random))]);
    }

    private static LabelRequirement Requirement(Random random)
    {
        var kind = (LabelOperator)random.Next(4);
        return new()
        {
            Key = random.GetItems(s_keys, 1)[0],
            Operator = kind,
            Values = kind is LabelOperator.In or LabelOperator.NotIn ? [.. random.GetItems(s_values, random.Next(1, 3))] : [],
        };
    }
}
