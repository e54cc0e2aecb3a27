namespace Datapath.Policy.Tables;

/// <summary>The cells of a Maglev table, divided in proportion to weights (largest remainder).</summary>
internal static class MaglevShares
{
    public static IReadOnlyDictionary<string, int> Of(ReadOnlySpan<Backend> backends, int tableSize)
    {
        var total = 0L;
        foreach (var backend in backends)
            total += backend.Weight;
        var cells = new int[backends.Length];
        var remainders = new long[backends.Length];
        var left = tableSize;
        for (var i = 0; i < cells.Length; i++)
        {
            var (share, remainder) = Math.DivRem((long)tableSize * backends[i].Weight, total);
            (cells[i], remainders[i]) = ((int)share, remainder);
            left -= cells[i];
        }

        foreach (var i in Enumerable.Range(0, cells.Length).OrderByDescending(i => remainders[i]).Take(left))
            cells[i]++;
        return KeyedRows.Of(backends.ToArray().Zip(cells, static (backend, count) => (backend.Address.ToString(), count)));
    }
}
