namespace Datapath.Policy;

/// <summary>The order of a frontend's backends: by health and state, then by address and port.</summary>
internal static class BackendOrder
{
    /// <summary>The place of a backend's health and state in the order, from 0.</summary>
    public static int RankOf(Backend backend) => (int)backend.State + (backend.IsUnhealthy ? (int)BackendState.Maintenance + 1 : 0);

    /// <summary>How many are of a rank or of one before it.</summary>
    /// <param name="ordered">Backends in order.</param>
    /// <param name="rank">The rank.</param>
    public static int CountUpTo(ReadOnlySpan<Backend> ordered, int rank) => ~ordered.BinarySearch(new EndOf(rank));

    /// <summary>Where a backend is, or would have to be.</summary>
    /// <param name="ordered">Backends in order.</param>
    /// <param name="backend">The backend.</param>
    public static int PlaceOf(ReadOnlySpan<Backend> ordered, Backend backend) =>
        ordered.BinarySearch(new PlaceFor(RankOf(backend), backend.Address)) is var place && place >= 0 ? place : ~place;

    // Between those of the rank and the next: equal to none.
    private readonly struct EndOf(int rank) : IComparable<Backend>
    {
        public int CompareTo(Backend? other) => RankOf(other!) <= rank ? 1 : -1;
    }

    private readonly struct PlaceFor(int rank, L4Address address) : IComparable<Backend>
    {
        public int CompareTo(Backend? other) => rank.CompareTo(RankOf(other!)) is var order && order != 0 ? order : address.CompareTo(other!.Address);
    }
}
