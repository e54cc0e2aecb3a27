using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// Compiles what masquerading is wanted into the tables that engines follow. A function of its inputs: the same objects in any order give the
/// same state. Pure: no clock, no I/O. A change is compiled anew as a whole, which takes milliseconds.
/// </summary>
public static class MasqueradeCompiler
{
    /// <summary>Looks for what is wrong with a configuration: all of it, each with field, value and reason.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <returns>The errors; none if it can be compiled.</returns>
    public static ImmutableArray<Diagnostic> Check(MasqueradeConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var issues = new IssueList();
        MasqueradeConfigurationCheck.Check(configuration, issues);
        return MasqueradeCompilation.ToDiagnostics(issues);
    }

    /// <summary>Compiles.</summary>
    /// <param name="inputs">What to compile. Objects that are invalid count as if they did not exist, and are remarked upon.</param>
    /// <returns>The state, unless the configuration has errors, and all there is to say.</returns>
    public static MasqueradeCompilation Compile(MasqueradeInputs inputs)
    {
        MasqueradeInputsCheck.ThrowIfInvalid(inputs);
        var issues = new IssueList();
        MasqueradeConfigurationCheck.Check(inputs.Configuration, issues);
        if (inputs.AgentList is { } list)
            MasqueradeConfigurationCheck.Check(list, nameof(inputs.AgentList), issues);
        var remarks = new List<MasqueradeRemark>();
        if (issues.HasErrors)
            return new(null, issues, remarks, null);
        var scope = new MasqueradeScope(inputs, ValidNodes(inputs.Nodes, remarks));
        var facts = new MasqueradeFacts(scope, SourceFacts.Of(scope, remarks), DestinationFacts.Of(scope));
        var state = new MasqueradeStateBuilder(facts).Build(issues);
        if (state is not null)
            MasqueradeWarnings.Find(facts, state, issues);
        return new(state, issues, remarks, facts);
    }

    private static List<Node> ValidNodes(IReadOnlyCollection<Node> nodes, List<MasqueradeRemark> remarks)
    {
        var valid = new List<Node>(nodes.Count);
        var issues = new IssueList();
        foreach (var node in nodes)
        {
            issues.Clear();
            ObjectValidator.Validate(node, issues);
            if (issues.HasErrors)
                remarks.Add(new(node.Key, $"is refused: {issues.ErrorText()}"));
            else
                valid.Add(node);
        }

        return valid;
    }
}
