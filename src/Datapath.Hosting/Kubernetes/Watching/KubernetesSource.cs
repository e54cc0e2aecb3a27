using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Follows the objects of a cluster. The first step is told when every kind is complete; from then on what is known stays in force while the server is out of
/// reach.
/// </summary>
internal sealed class KubernetesSource : IObjectSource, IDiagnosticSource
{
    private readonly KubernetesOptions _options;
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly KubernetesCluster _cluster;
    private readonly KubernetesMetrics _metrics;
    private readonly ILogger<KubernetesSource> _logger;
    private readonly ImmutableArray<KubernetesResource> _resources;
    private readonly ImmutableArray<KindProgress> _progress;
    private readonly ImmutableArray<KindStore> _stores;
    private readonly KubernetesFeed _feed;

    /// <param name="options">The options, which are valid.</param>
    /// <param name="cluster">The server.</param>
    /// <param name="metrics">Counts what is asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told how the following goes.</param>
    public KubernetesSource(DatapathOptions options, KubernetesCluster cluster, KubernetesMetrics metrics, TimeProvider time, ILogger<KubernetesSource> logger)
    {
        (_options, _node, _cluster, _metrics, _time, _logger) = (options.Kubernetes, options.Node.Name, cluster, metrics, time, logger);
        _resources = KubernetesResource.Of(options);
        _feed = new(_resources.Select(static resource => resource.Kind));
        _progress = [.. _resources.Select(_ => new KindProgress(_options.StaleAfter, time))];
        _stores = [.. _resources.Select(resource => new KindStore(resource, _feed, resource.IsCustom ? PolicyTold : null))];
        foreach (var (resource, progress) in _resources.Zip(_progress))
            metrics.Show(resource.Label, progress, time);
    }

    /// <summary>The server.</summary>
    public ApiConnection Connection => _cluster.Connection;

    /// <summary>Set when the server told something of policies.</summary>
    public ChangeSignal PolicyTold { get; } = new();

    /// <summary>How each kind is followed.</summary>
    public ImmutableArray<KubernetesKindStatus> Kinds => [.. _resources.Zip(_progress, static (resource, progress) => KubernetesKindStatus.Of(resource.Kind, progress.Current))];

    /// <inheritdoc/>
    public ImmutableArray<Diagnostic> Diagnostics =>
    [
        .. Kinds.Where(static kind => kind.Problem is not null).Select(Describe),
        .. KnowsNodes && !HasNode(_node) ? [NoSuchNode()] : (Diagnostic[])[],
        .. _feed.Diagnostics,
    ];

    /// <summary>Whether the nodes of the cluster are known as they are now.</summary>
    public bool KnowsNodes => Kinds.Any(static kind => kind is { Kind: ObjectKind.Node, State: KubernetesKindState.Watching });

    /// <summary>Whether the cluster has a node.</summary>
    public bool HasNode(string name) => Find(new(ObjectKind.Node, "", name)) is not null;

    /// <summary>What is known of an object, and of its kind; nothing if it is not in the cluster.</summary>
    public (KubernetesResource Resource, KnownObject Object)? Find(ObjectKey key)
    {
        for (var i = 0; i < _resources.Length; i++)
        {
            if (_resources[i].Kind == key.Kind && _stores[i].Find(key) is { } known)
                return (_resources[i], known);
        }

        return null;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reflectors = Task.WhenAll(_resources.Select((resource, i) => RunAsync(resource, i, stop)));
        try
        {
            while (true)
            {
                var batch = await ReadAsync(reflectors, stop.Token).ConfigureAwait(false);
                yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reflectors.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(KubernetesResource resource, int index, CancellationTokenSource stop)
    {
        var reader = new ResourceReader(resource, Connection, _options, resource.IsCustom ? _node : null);
        var reflector = new Reflector(resource, reader, _stores[index], _progress[index], _options.Timings, _metrics, _time, _logger);
        try
        {
            await reflector.RunAsync(stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await stop.CancelAsync().ConfigureAwait(false); // a mistake of this library: the others need not go on
            throw;
        }
    }

    private async Task<ObjectBatch> ReadAsync(Task reflectors, CancellationToken stop)
    {
        try
        {
            return await _feed.ReadAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await reflectors.ConfigureAwait(false); // says why, if it was not the caller who wanted the end
            throw;
        }
    }

    /// <summary>Nothing would be refused, and no pod be found: a host name is not always the name of a node.</summary>
    private Diagnostic NoSuchNode() => new()
    {
        Severity = DiagnosticSeverity.Warning,
        File = Connection.Server.Authority,
        Field = "node:name",
        Value = _node,
        Reason = "is no node of the cluster: nothing is local to it, and it has no pods",
    };

    private Diagnostic Describe(KubernetesKindStatus kind) => new()
    {
        Severity = DiagnosticSeverity.Warning,
        File = Connection.Server.Authority,
        Kind = kind.Kind.ToString(),
        Reason = kind.LastContact is null ? $"is not known yet: {kind.Problem}" : $"stays as it was: {kind.Problem}",
    };
}
