using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>Differences for people.</summary>
internal static class DifferenceScreen
{
    public static void Write(IReadOnlyCollection<FrontendDifference> differences)
    {
        if (differences.Count == 0)
            Console.WriteLine("Nothing would change.");
        foreach (var difference in differences)
        {
            var sign = difference.Kind switch { DifferenceKind.Added => '+', DifferenceKind.Removed => '-', _ => '~' };
            Console.WriteLine($"{sign} {difference.Frontend}  ({difference.Service})");
            foreach (var detail in difference.Details)
                Console.WriteLine($"    {detail}");
        }
    }
}
