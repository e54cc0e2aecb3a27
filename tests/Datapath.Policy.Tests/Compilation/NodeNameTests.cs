using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>Names in the configuration of a node that no object of a cluster could have.</summary>
internal sealed class NodeNameTests
{
    private static readonly NodeConfiguration s_good = new()
    {
        Name = "node-a.example",
        Labels = ImmutableDictionary.CreateRange<string, string>([new("example.com/Rack", "12"), new("bare", "")]),
        Zone = "West_1",
        HealthCheckAnnotation = "example.com/checked",
    };

    private static string[] Check(NodeConfiguration node) => [.. PolicyCompiler.Check(node).Select(static error => error.ToString()[..error.ToString().IndexOf(" must", StringComparison.Ordinal)])];

    [Test]
    public void Names_that_objects_may_have_are_fine() => Assert.That(Check(s_good), Is.Empty);

    [Test]
    public void All_others_are_told_with_field_and_value() => Assert.That(
        Check(new()
        {
            Name = "Node",
            Labels = ImmutableDictionary.CreateRange<string, string>([new("a b", "c"), new("b", "c d"), new("c", null!)]),
            Zone = "",
            HealthCheckAnnotation = "/checked",
        }),
        Is.EqualTo(new[] { "Name: 'Node'", "Labels: 'a b'", "Labels[b]: 'c d'", "Labels[c]: 'null'", "Zone: ''", "HealthCheckAnnotation: '/checked'" }));

    [Test]
    public void What_the_compiler_would_refuse_is_refused() =>
        Assert.That(static () => PolicyCompiler.Check(s_good with { MaglevTableSize = 4 }), Throws.ArgumentException);
}
