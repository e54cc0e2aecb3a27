namespace Datapath.Policy;

/// <summary>Finds out whether a service is without backends because its ports and those of its slices have no name in common: what is easily misspelt.</summary>
internal static class PortNameHint
{
    /// <summary>The hint for a status of a service that has no usable backend; empty if names are not the reason.</summary>
    public static string Of(ServiceEntry entry)
    {
        var given = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var slice in entry.Slices)
        {
            foreach (ref readonly var candidate in slice.Candidates.AsSpan())
                given.Add(candidate.PortName);
        }

        // A port without a name fits every other.
        if (given.Count == 0 || given.Contains("") || Array.Exists(entry.Plan!.Frontends, frontend => frontend.PortName.Length == 0 || given.Contains(frontend.PortName)))
            return "";
        var wanted = entry.Plan.Frontends.Select(static frontend => frontend.PortName).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return $": its ports are named {List(wanted)}, those of its slices {List(given)}";
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Select(static name => $"'{name}'"));
}
