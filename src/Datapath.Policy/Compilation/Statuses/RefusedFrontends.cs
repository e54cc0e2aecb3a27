namespace Datapath.Policy;

/// <summary>Frontends at which policies without a backend refuse dials.</summary>
internal sealed class RefusedFrontends
{
    /// <summary>How many they are.</summary>
    public int Count { get; private set; }

    /// <summary>The names of the policies.</summary>
    public SortedSet<string> Policies { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts a frontend.</summary>
    public void Add(Redirect redirect)
    {
        Count++;
        Policies.Add(Wording.PolicyOf(redirect.Policy));
    }
}
