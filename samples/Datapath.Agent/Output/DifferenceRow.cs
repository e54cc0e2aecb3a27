using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>What would happen to a frontend.</summary>
internal sealed record DifferenceRow(string Kind, string Service, string Frontend, IReadOnlyList<string> Details)
{
    public static DifferenceRow Of(FrontendDifference difference) =>
        new(difference.Kind.ToString(), difference.Service.ToString(), difference.Frontend, difference.Details);
}
