using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>An explanation for people: a line for each rule, <c>+</c> where it counts and <c>-</c> where it does not.</summary>
internal static class ExplanationScreen
{
    private const int Narrowest = 9;

    public static void Write(Explanation explanation) => Write($"{explanation.Client} dials {explanation.Destination}", explanation.Steps);

    public static void Write(string title, IReadOnlyCollection<ExplanationStep> steps)
    {
        Console.WriteLine(title);
        var width = steps.Select(static step => step.Topic.ToString().Length).Append(Narrowest).Max();
        ExplanationTopic? before = null;
        foreach (var step in steps)
        {
            var topic = step.Topic == before ? "" : step.Topic.ToString().ToLowerInvariant();
            before = step.Topic;
            Console.WriteLine($"  {topic.PadRight(width)} {(step.Applies ? '+' : '-')} {step.Subject}: {step.Reason}");
        }
    }
}
