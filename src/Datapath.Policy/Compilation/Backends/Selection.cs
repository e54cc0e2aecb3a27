using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The backends that a frontend gets.</summary>
/// <param name="Backends">In the order of <see cref="Frontend.Backends"/>.</param>
/// <param name="UsableCount">How many of them take new connections.</param>
internal readonly record struct Selection(ImmutableArray<Backend> Backends, int UsableCount)
{
    /// <summary>Brings backends into their order.</summary>
    /// <param name="fitting">The backends, in the order of their addresses.</param>
    public static Selection Of(List<Candidate> fitting)
    {
        var backends = ImmutableArray.CreateBuilder<Backend>(fitting.Count);
        for (var rank = 0; backends.Count < fitting.Count; rank++)
        {
            foreach (var (backend, _, _) in fitting)
            {
                if (BackendOrder.RankOf(backend) == rank)
                    backends.Add(backend);
            }
        }

        return OfOrdered(backends.MoveToImmutable());
    }

    /// <summary>The active ones are usable or, if there is none, the terminating ones that still serve.</summary>
    /// <param name="ordered">The backends, in their order.</param>
    public static Selection OfOrdered(ImmutableArray<Backend> ordered)
    {
        var active = BackendOrder.CountUpTo(ordered.AsSpan(), (int)BackendState.Active);
        return new(ordered, active > 0 ? active : BackendOrder.CountUpTo(ordered.AsSpan(), (int)BackendState.Terminating));
    }
}
