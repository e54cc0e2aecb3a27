using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>An explanation for people: a line for each rule, <c>+</c> where it counts and <c>-</c> where it does not.</summary>
internal static class ExplanationScreen
{
    public static void Write(Explanation explanation)
    {
        Console.WriteLine($"{explanation.Client} dials {explanation.Destination}");
        ExplanationTopic? before = null;
        foreach (var step in explanation.Steps)
        {
            var topic = step.Topic == before ? "" : step.Topic.ToString().ToLowerInvariant();
            before = step.Topic;
            Console.WriteLine($"  {topic,-9} {(step.Applies ? '+' : '-')} {step.Subject}: {step.Reason}");
        }
    }
}
