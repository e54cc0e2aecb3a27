using System.Collections.Immutable;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <inheritdoc/>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public async Task<ImmutableArray<BackendConnections>> CountConnectionsAsync(CancellationToken cancellationToken = default)
    {
        var answer = new TaskCompletionSource<IReadOnlyDictionary<RetiredBackend, int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _scanner.List(new(led => answer.SetResult(led), answer.SetException));
        }

        var led = await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<uint, BackendLoser> owners;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            owners = _ipv4.Losers.Concat(_ipv6.Losers).ToDictionary();
        }

        return
        [
            .. led.GroupBy(item => (owners.GetValueOrDefault(item.Key.FrontendId).Service, item.Key.Backend), static item => item.Value)
                .Select(static group => new BackendConnections(group.Key.Service, group.Key.Backend, group.Sum()))
                .OrderBy(static item => item.Service).ThenBy(static item => item.Backend),
        ];
    }
}
