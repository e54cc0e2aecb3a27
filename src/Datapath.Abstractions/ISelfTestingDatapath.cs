using System.Collections.Immutable;

namespace Datapath;

/// <summary>An engine that can tell what keeps it from serving, although it took everything. Calls may come from any thread.</summary>
public interface ISelfTestingDatapath : IDatapath
{
    /// <summary>Tries out whether what it holds takes effect. Takes some milliseconds and leaves nothing.</summary>
    SelfTestResult SelfTest();

    /// <summary>What has happened around the engine since its start so that what it holds takes no effect or will not last, a sentence each. Empty: nothing.</summary>
    ImmutableArray<string> FindFaults();
}
