namespace Datapath.Policy;

/// <summary>The order of a frontend's backends: by health and state, then by address and port.</summary>
internal static class BackendOrder
{
    /// <summary>The place of a backend's health and state in the order, from 0.</summary>
    public static int RankOf(Backend backend) => (int)backend.State + (backend.IsUnhealthy ? (int)BackendState.Maintenance + 1 : 0);

    /// <summary>How many are of a rank or of one before it.</summary>
    /// <param name="ordered">Backends in order.</param>
    /// <param name="rank">The rank.</param>
    public static int CountUpTo(ReadOnlySpan<Backend> ordered, int rank)
    {
        var (low, high) = (0, ordered.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = RankOf(ordered[middle]) <= rank ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Where a backend is, or would have to be.</summary>
    /// <param name="ordered">Backends in order.</param>
    /// <param name="backend">The backend.</param>
    public static int PlaceOf(ReadOnlySpan<Backend> ordered, Backend backend)
    {
        var rank = RankOf(backend);
        var (low, high) = (0, ordered.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = RankOf(ordered[middle]).CompareTo(rank);
            if (order == 0)
                order = ordered[middle].Address.CompareTo(backend.Address);
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
