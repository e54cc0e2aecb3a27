using System.Runtime.CompilerServices;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>A source that tells a list, if it has one, and then blocks the thread that asks it, without an ear for who wants it to end.</summary>
internal sealed class BlockingSource(ManualResetEventSlim goOn, params KubernetesObject[] objects) : IObjectSource
{
    /// <summary>Set when it blocks.</summary>
    public ManualResetEventSlim IsBlocked { get; } = new();

    public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (objects.Length > 0)
            yield return ObjectBatch.Upsert(objects);
        IsBlocked.Set();
        goOn.Wait(CancellationToken.None);
        await Task.CompletedTask;
    }
}
