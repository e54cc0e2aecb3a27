using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>
/// A cluster, for programs that reconcile kinds of their own: follows objects and writes what became of them. It speaks to the server as
/// <c>AddKubernetes()</c> does, with the same credentials, patience and pauses. A host with a datapath has one, that of its options;
/// <see cref="Open"/> makes one without a host. Safe from any thread.
/// </summary>
public sealed class KubernetesCluster : IDisposable
{
    private readonly KubernetesMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter? _meter;

    internal KubernetesCluster(KubernetesOptions options, KubernetesMetrics metrics, TimeProvider time, ILogger logger, Meter? meter = null)
    {
        (Options, _metrics, _time, _logger, _meter) = (options, metrics, time, logger, meter);
        List<string> errors = [.. KubernetesOptionsCheck.Check(options)];
        Connection = errors.Count == 0 && ClusterAccessReader.Read(options, time, errors) is { } access
            ? new(access, options.Timings)
            : throw new OptionsValidationException(nameof(KubernetesOptions), typeof(KubernetesOptions), errors);
    }

    /// <summary>The address of the server.</summary>
    public Uri Server => Connection.Server;

    internal KubernetesOptions Options { get; }

    internal ApiConnection Connection { get; }

    /// <summary>Opens a cluster. The server is not asked yet: one that is out of reach is waited for.</summary>
    /// <param name="options">Where it is and who asks. Default: the service account of the pod that this process runs in. They must not be changed afterwards.</param>
    /// <param name="loggers">Told how the following goes. Default: nobody is.</param>
    /// <param name="time">The clock. Default: the system's.</param>
    /// <exception cref="OptionsValidationException">Options, or the files that they lead to, are wrong: all mistakes at once, each with field, value and reason.</exception>
    public static KubernetesCluster Open(KubernetesOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        var meter = new Meter(DatapathMetrics.MeterName);
        try
        {
            return new(
                options ?? new(), new KubernetesMetrics(meter), time ?? TimeProvider.System, (loggers ?? NullLoggerFactory.Instance).CreateLogger<KubernetesCluster>(), meter);
        }
        catch
        {
            meter.Dispose();
            throw;
        }
    }

    /// <summary>Makes a watch of a kind. Nothing is asked until somebody reads it.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="namespace">The namespace. Default: all, or the kind has none.</param>
    /// <param name="labelSelector">Which objects, by their labels, for example <c>app=web,!old</c>. Default: all.</param>
    public KubernetesWatch<T> Watch<T>(KubernetesKind<T> kind, string? @namespace = null, string? labelSelector = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(kind);
        var collection = CollectionOf(kind) with { Namespace = @namespace ?? "", LabelSelector = labelSelector ?? "" };
        return new(kind, collection, this, _metrics, _time, _logger);
    }

    /// <summary>Changes a part of an object by a merge patch (RFC 7396), for example its finalizers.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="target">The object, and the version that it must be of, see <see cref="KubernetesMetadata.ResourceVersion"/>.</param>
    /// <param name="patch">The change. Lists are replaced whole.</param>
    /// <param name="cancellationToken">Ends it; the change may have been made.</param>
    /// <returns>The object as it is then.</returns>
    /// <exception cref="KubernetesApiException">The server refuses or is out of reach. That somebody else changed the object meanwhile is <see cref="KubernetesApiException.IsConflict"/>.</exception>
    public Task<KubernetesItem<T>> PatchAsync<T>(KubernetesKind<T> kind, KubernetesMetadata target, JsonObject patch, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(patch);
        return MergeAsync(kind, target, "", patch.DeepClone().AsObject(), cancellationToken);
    }

    /// <summary>Writes the status of an object: fields that are given are replaced, others stay. The kind must have the subresource <c>status</c>.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="target">The object, and the version that it must be of, see <see cref="KubernetesMetadata.ResourceVersion"/>.</param>
    /// <param name="status">The fields of <c>status</c>; one that is <see langword="null"/> is removed.</param>
    /// <param name="cancellationToken">Ends it; the status may have been written.</param>
    /// <returns>The object as it is then.</returns>
    /// <exception cref="KubernetesApiException">The server refuses or is out of reach. That somebody else changed the object meanwhile is <see cref="KubernetesApiException.IsConflict"/>.</exception>
    public async Task<KubernetesItem<T>> PatchStatusAsync<T>(
        KubernetesKind<T> kind, KubernetesMetadata target, JsonObject status, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(status);
        try
        {
            var item = await MergeAsync(kind, target, "status", new() { ["status"] = status.DeepClone() }, cancellationToken).ConfigureAwait(false);
            _metrics.Written(isDone: true);
            return item;
        }
        catch (KubernetesApiException)
        {
            _metrics.Written(isDone: false);
            throw;
        }
    }

    /// <summary>Closes the connections. Watches that are read must have ended.</summary>
    public void Dispose()
    {
        Connection.Dispose();
        _meter?.Dispose();
    }

    private static ApiCollection CollectionOf<T>(KubernetesKind<T> kind)
        where T : class => new(kind.GroupVersion, kind.Plural) { IsCustom = true };

    private async Task<KubernetesItem<T>> MergeAsync<T>(
        KubernetesKind<T> kind, KubernetesMetadata target, string part, JsonObject patch, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(target);
        if (target.ResourceVersion.Length > 0)
        {
            if (patch["metadata"] is not JsonObject metadata)
                patch["metadata"] = metadata = [];
            metadata["resourceVersion"] = target.ResourceVersion;
        }

        var path = $"{CollectionOf(kind).PathOf(target.Namespace, target.Name, part)}?fieldManager=datapath";
        try
        {
            return ItemReader.Read(kind, await Connection.MergeAsync(path, Encoding.UTF8.GetBytes(patch.ToJsonString()), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not KubernetesApiException && Reflector.IsPassing(e, cancellationToken))
        {
            throw new KubernetesApiException(ExceptionWords.Of(e), e);
        }
    }
}
