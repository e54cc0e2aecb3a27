using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Datapath.Linux.Netlink;

namespace Datapath.Hosting;

/// <summary>The addresses of the devices in this process's network namespace, from the kernel.</summary>
internal sealed class DeviceAddresses : INodeAddresses
{
    public async IAsyncEnumerable<ImmutableArray<IPAddress>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watcher = new NetworkWatcher(NetworkChanges.Addresses | NetworkChanges.Links);
        using var route = new RouteNetlink();
        var book = new DeviceAddressBook();
        book.Reset(route.ListLinks(), route.ListAddresses());
        var known = book.List();
        yield return known;
        await foreach (var change in watcher.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change is NetworkChangesLost)
                book.Reset(route.ListLinks(), route.ListAddresses());
            else
                book.Apply(change);
            var now = book.List();
            if (now.SequenceEqual(known))
                continue;
            known = now;
            yield return known;
        }
    }
}
