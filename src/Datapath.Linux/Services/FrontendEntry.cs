namespace Datapath.Linux.Services;

/// <summary>What is known of a frontend in the kernel.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="First">Its first slot.</param>
/// <param name="Count">Its slots that take traffic. With none it still has one slot, for its identifier.</param>
/// <param name="Service">Whose it is; <see langword="null"/> while what an earlier process left has not been claimed.</param>
internal readonly record struct FrontendEntry(uint Id, FrontendType Type, int First, int Count, ServiceName? Service)
{
    /// <summary>The slots that it occupies.</summary>
    public int Slots => Math.Max(Count, 1);
}
