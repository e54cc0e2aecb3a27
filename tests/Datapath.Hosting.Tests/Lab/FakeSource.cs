using System.Threading.Channels;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>A source that tells what a test tells it.</summary>
internal sealed class FakeSource : IObjectSource
{
    private readonly Channel<ObjectBatch> _batches = Channel.CreateUnbounded<ObjectBatch>();

    public void Tell(params ReadOnlySpan<KubernetesObject> objects) => Tell(ObjectBatch.Upsert(objects));

    public void Tell(ObjectBatch batch) => Assert.That(_batches.Writer.TryWrite(batch));

    public void End() => _batches.Writer.Complete();

    public void Fail(Exception reason) => _batches.Writer.Complete(reason);

    public IAsyncEnumerable<ObjectBatch> WatchAsync(CancellationToken cancellationToken) => _batches.Reader.ReadAllAsync(cancellationToken);
}
