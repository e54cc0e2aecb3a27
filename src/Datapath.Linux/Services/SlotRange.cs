using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>Slots in a row: a header if there is one, then those that take traffic. With neither there is one slot, for the frontend's identifier.</summary>
/// <param name="First">The first slot; 0: there is no range.</param>
/// <param name="Count">The slots that take traffic.</param>
/// <param name="HasHeader">Whether the first is a header.</param>
internal readonly record struct SlotRange(int First, int Count, bool HasHeader)
{
    public SlotRange(FrontendValue value)
        : this(value.First, value.Count, value.HasHeader)
    {
    }

    /// <summary>The slots that it occupies.</summary>
    public int Slots => SlotsOf(Count, HasHeader);

    /// <summary>The first slot that takes traffic.</summary>
    public int FirstBackend => First + (HasHeader ? 1 : 0);

    public static int SlotsOf(int count, bool hasHeader) => hasHeader ? count + 1 : Math.Max(count, 1);

    public FrontendValue ToValue(ushort tag) => new(First, Count, tag, HasHeader);
}
