using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Hosting;

/// <summary>The addresses of the devices in a network namespace, from the kernel.</summary>
/// <param name="networkNamespace">Its path.</param>
internal sealed class DeviceAddresses(string networkNamespace) : INodeAddresses
{
    public async IAsyncEnumerable<ImmutableArray<IPAddress>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watcher = Inside(static () => new NetworkWatcher(NetworkChanges.Addresses | NetworkChanges.Links));
        using var route = Inside(static () => new RouteNetlink());
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

    // To enter a namespace takes CAP_SYS_ADMIN, even one's own.
    private T Inside<T>(Func<T> open)
    {
        using var network = NetworkNamespace.Open(networkNamespace);
        using var current = NetworkNamespace.OpenCurrent();
        return network.Inode == current.Inode ? open() : network.Run(open);
    }
}
