using System.Collections.Immutable;
using System.Net;

namespace Datapath.Hosting;

/// <summary>Knows the addresses of the machine.</summary>
internal interface INodeAddresses
{
    /// <summary>The addresses, at once, and again whenever they are others.</summary>
    IAsyncEnumerable<ImmutableArray<IPAddress>> WatchAsync(CancellationToken cancellationToken);
}
