using System.Text;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>The rules as they are documented.</summary>
internal sealed class RuleTableTests
{
    [Test]
    public void The_documentation_has_the_rules_as_they_are() =>
        Assert.That(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "masquerade.md")), Does.Contain(Table()), $"put this into docs/masquerade.md:\n{Table()}");

    [Test]
    public void Each_reason_has_one_rule_and_its_number_is_its_place() =>
        Assert.That(MasqueradeRules.All.Select(static rule => (int)rule.Reason), Is.EqualTo(Enumerable.Range(0, Enum.GetValues<MasqueradeReason>().Length)));

    [Test]
    public void The_table_of_a_state_is_what_the_rules_say_of_each_pair()
    {
        var compilation = MasqueradeCompiler.Compile(RandomMasquerade.Inputs(new Random(7)));
        var (state, options) = (compilation.State!, MasqueradeOptions.Of(RandomMasquerade.Inputs(new Random(7)).Configuration));
        for (var source = 0; source < state.Sources.Classes.Length; source++)
        {
            for (var destination = 0; destination < state.Destinations.Classes.Length; destination++)
            {
                var rule = MasqueradeRules.All.First(rule => rule.Applies?.Invoke(new(state.Sources.Classes[source].Facts, state.Destinations.Classes[destination], options)) is true);
                Assert.That(state.VerdictOf(source, destination).Reason, Is.EqualTo(rule.Reason));
            }
        }
    }

    [Test]
    public void What_rules_depend_on_exists()
    {
        string[] known =
        [
            .. typeof(MasqueradeConfiguration).GetProperties().Select(static property => property.Name), nameof(MasqueradeInputs.AgentList),
            $"{nameof(NodeConfiguration)}.{nameof(NodeConfiguration.Addresses)}", Pod.MasqueradeAnnotation,
        ];
        Assert.That(MasqueradeRules.All.SelectMany(static rule => rule.SetBy.Split(", ", StringSplitOptions.RemoveEmptyEntries)).Distinct(), Is.SubsetOf(known));
    }

    private static string Table()
    {
        var table = new StringBuilder("| Reason | Action | When | Set by |\n|---|---|---|---|\n");
        foreach (var rule in MasqueradeRules.All)
        {
            var names = string.Join(", ", rule.SetBy.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(static name => $"`{name}`"));
            table.Append("| `").Append(rule.Reason).Append("` | ").Append(rule.Action).Append(" | ").Append(rule.Condition).Append(" | ").Append(names).Append(" |\n");
        }

        return table.ToString();
    }
}
