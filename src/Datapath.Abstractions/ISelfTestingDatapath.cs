using System.Collections.Immutable;

namespace Datapath;

/// <summary>An engine that can tell what keeps it from serving, although it took everything. Calls may come from any thread.</summary>
public interface ISelfTestingDatapath : IDatapath
{
    /// <summary>Tries out whether what it holds takes effect. Takes some milliseconds and leaves nothing.</summary>
    SelfTestResult SelfTest();

    /// <summary>What has happened around the engine since its start so that what it holds takes no effect or will not last, a sentence each. Empty: nothing.</summary>
    ImmutableArray<string> FindFaults();

    /// <summary>
    /// That of <see cref="FindFaults"/> by which what the engine holds takes no effect at this moment, wholly or in part; those by which it will not last are left out. <see langword="null"/>:
    /// there is none. Costs some system calls, so that it can be asked after each change.
    /// </summary>
    string? FindOutage() => null;

    /// <summary>
    /// Has something called as soon as the kernel tells that <see cref="FindFaults"/> may say something new. Not every fault is told so: who waits for faults asks from time to time, too.
    /// </summary>
    /// <param name="suspected">What is called, from any thread. It must not throw.</param>
    /// <returns>Ends it.</returns>
    IDisposable WatchForFaults(Action suspected) => NothingToWatch.Instance;
}
