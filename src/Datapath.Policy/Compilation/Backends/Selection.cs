using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The backends that a frontend gets.</summary>
/// <param name="Backends">In the order of <see cref="Frontend.Backends"/>.</param>
/// <param name="UsableCount">How many of them take new connections.</param>
internal readonly record struct Selection(ImmutableArray<Backend> Backends, int UsableCount)
{
    /// <summary>Orders backends by health and state.</summary>
    /// <param name="fitting">The backends, in the order of their addresses.</param>
    public static Selection Of(List<Candidate> fitting)
    {
        var backends = ImmutableArray.CreateBuilder<Backend>(fitting.Count);
        for (var rank = 0; backends.Count < fitting.Count; rank++)
        {
            foreach (var (backend, _, _) in fitting)
            {
                if (RankOf(backend) == rank)
                    backends.Add(backend);
            }
        }

        return Of(backends.MoveToImmutable());
    }

    /// <summary>With one backend more. It must not be there.</summary>
    public Selection With(Backend backend) => Of(Backends.Insert(PlaceOf(backend), backend));

    /// <summary>With one backend less.</summary>
    /// <returns><see langword="null"/>: it is not there.</returns>
    public Selection? Without(Backend backend) =>
        PlaceOf(backend) is var place && place < Backends.Length && Backends[place].Equals(backend) ? Of(Backends.RemoveAt(place)) : null;

    private static Selection Of(ImmutableArray<Backend> ordered)
    {
        var active = CountUpTo(ordered, (int)BackendState.Active);
        return new(ordered, active > 0 ? active : CountUpTo(ordered, (int)BackendState.Terminating));
    }

    private static int CountUpTo(ImmutableArray<Backend> ordered, int rank)
    {
        var (low, high) = (0, ordered.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = RankOf(ordered[middle]) <= rank ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int PlaceOf(Backend backend)
    {
        var rank = RankOf(backend);
        var (low, high) = (0, Backends.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = RankOf(Backends[middle]).CompareTo(rank);
            if (order == 0)
                order = Backends[middle].Address.CompareTo(backend.Address);
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int RankOf(Backend backend) => (int)backend.State + (backend.IsUnhealthy ? (int)BackendState.Maintenance + 1 : 0);
}
