namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Leaves out of a list of events what is not needed for the failure.</summary>
internal static class Shrinker
{
    public static List<RandomEvent> Shrink(List<RandomEvent> events, Func<List<RandomEvent>, bool> fails)
    {
        for (var size = events.Count / 2; size > 0; size /= 2)
        {
            for (var start = 0; start < events.Count;)
            {
                var fewer = events[..start];
                fewer.AddRange(events.Skip(start + size));
                if (fails(fewer))
                    events = fewer;
                else
                    start += size;
            }
        }

        return events;
    }
}
