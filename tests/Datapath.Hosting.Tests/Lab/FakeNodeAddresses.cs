using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>A machine that has the addresses that a test gives it; none at first.</summary>
internal sealed class FakeNodeAddresses : INodeAddresses
{
    private readonly Channel<ImmutableArray<IPAddress>> _told = Channel.CreateUnbounded<ImmutableArray<IPAddress>>();

    /// <param name="isKnown">Whether it is told at the start that there are none.</param>
    public FakeNodeAddresses(bool isKnown = true)
    {
        if (isKnown)
            Tell();
    }

    /// <summary>Whether anybody asked.</summary>
    public bool IsWatched { get; private set; }

    public void Tell(params ReadOnlySpan<string> addresses) => Assert.That(_told.Writer.TryWrite([.. addresses.ToArray().Select(IPAddress.Parse)]));

    public void Fail(Exception reason) => _told.Writer.Complete(reason);

    public IAsyncEnumerable<ImmutableArray<IPAddress>> WatchAsync(CancellationToken cancellationToken)
    {
        IsWatched = true;
        return _told.Reader.ReadAllAsync(cancellationToken);
    }
}
