using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>A word that points at slots, wherever it stands.</summary>
/// <param name="Value">The word.</param>
/// <param name="Write">Replaces it in one atomic step.</param>
internal readonly record struct SlotWord(FrontendValue Value, Action<FrontendValue> Write)
{
    /// <summary>The slots.</summary>
    public SlotRange Range => new(Value);

    /// <summary>Points at slots that hold the same, elsewhere.</summary>
    public void MoveTo(int first) => Write(new SlotRange(first, Value.Count, Value.HasHeader).ToValue((ushort)(Value.Range >> (int)RangeBits.TagShift)));
}
