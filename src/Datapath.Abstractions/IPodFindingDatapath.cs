using System.Collections.Immutable;

namespace Datapath;

/// <summary>
/// An engine that finds the pods of the node on the machine. That a pod's sandbox goes, or is made again with the same address, nobody tells: somebody has to
/// ask. Calls may come from any thread.
/// </summary>
public interface IPodFindingDatapath : IDatapath
{
    /// <summary>Whether anything that it holds depends on where it found a pod. If not, there is nothing to ask.</summary>
    bool DependsOnFoundPods { get; }

    /// <summary>
    /// The pods on which something depends and which are no longer where they were found. Who applies them (<see cref="ChangeSet.Pods"/>), though they are
    /// equal, has them looked for again. Takes less than a millisecond for each pod on which something depends.
    /// </summary>
    ImmutableArray<PodName> FindLostPods();
}
