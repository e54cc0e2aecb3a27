namespace Datapath.Linux.Services;

/// <summary>What the slots of a frontend have to know of its backends.</summary>
internal static class UsableBackends
{
    /// <summary>How many slots a frontend needs that has <paramref name="current"/> of them.</summary>
    public static int CountSlots(L4Protocol protocol, ReadOnlySpan<Backend> usable, int current)
    {
        // A TCP dial takes any slot: nothing is kept for the sake of those who dialled before.
        return SlotDealer.CountSlots(protocol, usable.Length, protocol is L4Protocol.Tcp ? 0 : current, IsWeighted(usable));
    }

    public static int[] WeightsOf(ReadOnlySpan<Backend> usable)
    {
        var weights = new int[usable.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = usable[i].Weight;
        return weights;
    }

    /// <summary>The place of each address among the backends.</summary>
    public static Dictionary<L4Address, int> IndicesOf(ReadOnlySpan<Backend> usable)
    {
        var indices = new Dictionary<L4Address, int>(usable.Length);
        for (var i = 0; i < usable.Length; i++)
            indices[usable[i].Address] = i;
        return indices;
    }

    private static bool IsWeighted(ReadOnlySpan<Backend> usable)
    {
        foreach (var backend in usable)
        {
            if (backend.Weight != usable[0].Weight)
                return true;
        }

        return false;
    }
}
