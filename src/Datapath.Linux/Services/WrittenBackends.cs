using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>The backends that slots were written for, as far as this process knows: it does not of what an earlier one left.</summary>
/// <param name="All">The backends.</param>
/// <param name="IsInOrder">See <see cref="BackendList.IsInOrder"/>.</param>
/// <param name="Weight">See <see cref="BackendList.Weight"/>.</param>
/// <param name="Firsts">For each the first slot that leads there; empty if each has the one of its own place.</param>
internal readonly record struct WrittenBackends(ImmutableArray<Backend> All, bool IsInOrder, int Weight, int[] Firsts)
{
    /// <summary>Nothing is known.</summary>
    public static readonly WrittenBackends None;

    public WrittenBackends(in BackendList backends, int[] firsts)
        : this(backends.All, backends.IsInOrder, backends.Weight, firsts)
    {
    }

    /// <summary>Whether it is known what the slots were written for.</summary>
    public bool IsKnown => !All.IsDefault;

    public ReadOnlySpan<Backend> Span => All.AsSpan();

    /// <summary>The first slot that leads to a backend of the list.</summary>
    public int PlaceOf(int index) => Firsts.Length == 0 ? index : Firsts[index];

    /// <summary>What slots say, for those of which nothing is known: weights they do not tell.</summary>
    public static WrittenBackends Read<TSlot, TFamily>(L4Protocol protocol, ReadOnlySpan<TSlot> slots)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var index = BackendIndex.Of<TSlot, TFamily>(slots);
        var all = ImmutableArray.CreateBuilder<Backend>();
        var firsts = new List<int>();
        for (var i = 0; i < slots.Length; i++)
        {
            if (index.Find(TFamily.BackendId(in slots[i])) != i)
                continue;
            all.Add(new(TFamily.Read(in slots[i], protocol).Backend));
            firsts.Add(i);
        }

        return new(BackendList.Of(all.DrainToImmutable()), all.Count == slots.Length ? [] : [.. firsts]);
    }
}
