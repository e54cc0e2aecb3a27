using System.Threading.Channels;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>Health checks whose results a test gives.</summary>
internal sealed class FakeHealthSource : IHealthSource
{
    private readonly Channel<HealthResult> _results = Channel.CreateUnbounded<HealthResult>();

    public void Tell(HealthResult result) => Assert.That(_results.Writer.TryWrite(result));

    public void Fail(Exception reason) => _results.Writer.Complete(reason);

    public IAsyncEnumerable<HealthResult> WatchAsync(CancellationToken cancellationToken) => _results.Reader.ReadAllAsync(cancellationToken);
}
