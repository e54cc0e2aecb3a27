using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>Differences for people.</summary>
internal static class DifferenceScreen
{
    public static void Write(IReadOnlyCollection<DifferenceRow> differences)
    {
        if (differences.Count == 0)
            Console.WriteLine("Nothing would change.");
        foreach (var difference in differences)
        {
            var sign = difference.Kind switch { nameof(DifferenceKind.Added) => '+', nameof(DifferenceKind.Removed) => '-', _ => '~' };
            Console.WriteLine(difference.ExemptPod is { } pod ? $"{sign} dials of pod {pod} are left alone" : $"{sign} {difference.Frontend}  ({difference.Service})");
            foreach (var detail in difference.Details)
                Console.WriteLine($"    {detail}");
        }
    }
}
