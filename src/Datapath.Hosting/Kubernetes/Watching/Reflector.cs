using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Follows all objects of a kind: a list, then a watch from there on, which is taken up again where it broke off. A new list is needed only if the server has
/// forgotten that place.
/// </summary>
internal sealed class Reflector
{
    private readonly ApiCollection _resource;
    private readonly ResourceReader _reader;
    private readonly IReflectedObjects _store;
    private readonly KindProgress _progress;
    private readonly KubernetesTimings _timings;
    private readonly KubernetesMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JitteredBackoff _backoff;

    /// <summary>Where the next watch begins; <see langword="null"/>: with a list.</summary>
    private string? _version;

    /// <summary>How many times running the kind was not there.</summary>
    private int _missing;

    public Reflector(
        ApiCollection resource, ResourceReader reader, IReflectedObjects store, KindProgress progress, KubernetesTimings timings, KubernetesMetrics metrics, TimeProvider time,
        ILogger logger)
    {
        _resource = resource;
        _reader = reader;
        _store = store;
        _progress = progress;
        _timings = timings;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _backoff = new(timings.FirstRetry, timings.LongestRetry);
    }

    /// <summary>Follows until it is cancelled. Nothing that a server or a network does ends it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            var delay = TimeSpan.Zero;
            try
            {
                await ListAsync(stop).ConfigureAwait(false);
                if (!await WatchAsync(stop).ConfigureAwait(false))
                    delay = _backoff.Next();
            }
            catch (KubernetesApiException e) when (e.IsExpired)
            {
                _version = null; // no failure: the server remembers so far and no further
                delay = _backoff.Next();
            }
            catch (KubernetesApiException e) when (_resource.IsCustom && e.Status is HttpStatusCode.NotFound)
            {
                Miss();
                delay = _timings.LookForKind;
            }
            catch (Exception e) when (IsPassing(e, stop))
            {
                delay = Fail(e);
            }

            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, _time, stop).ConfigureAwait(false);
        }
    }

    private async Task ListAsync(CancellationToken stop)
    {
        if (_version is not null)
            return;
        var pages = await _reader.ListAsync(stop).ConfigureAwait(false);
        _store.Replace(pages);
        _version = pages[0].ResourceVersion;
        _missing = 0;
        _metrics.Listed(_resource.Label);
        _progress.Contact(_store.Count);
        _store.Complete();
        Log.KindListed(_logger, _resource.Plural, _store.Count);
    }

    /// <returns>Whether the watch was one: the server told something, or did not end it at once.</returns>
    private async Task<bool> WatchAsync(CancellationToken stop)
    {
        var began = _time.GetTimestamp();
        var isTold = false;
        await foreach (var told in _reader.WatchAsync(_version!, OnOpen, stop).ConfigureAwait(false))
        {
            if (!isTold)
                _backoff.Reset();
            isTold = true;
            if (told is null)
                continue;
            if (!_store.Take(told))
            {
                Log.OutOfOrder(_logger, _resource.Plural);
                _version = null;
                return false;
            }

            _version = Later(_version!, told.Header.ResourceVersion);
            _progress.Contact(_store.Count);
        }

        return isTold || _time.GetElapsedTime(began) >= _timings.LongestRetry;

        void OnOpen()
        {
            _progress.Contact(_store.Count);
            if (_progress.Become(KubernetesKindState.Watching))
                Log.KindFollowed(_logger, _resource.Plural);
        }
    }

    private static string Later(string one, string other) => ObjectHeader.Compare(one, other) is > 0 ? one : other;

    /// <summary>
    /// A custom kind is not there. The first time running that means nothing for objects that are known: a server that has just been started may not have all
    /// its kinds yet.
    /// </summary>
    private void Miss()
    {
        _version = null;
        _missing++;
        _progress.Contact(_store.Count);
        if (_store.Count == 0 || _missing > 1)
        {
            _store.Clear();
            _progress.Contact(0);
            if (_progress.Become(KubernetesKindState.NotInstalled))
                Log.KindMissing(_logger, _resource.Plural, _resource.GroupVersion);
            _store.BeAbsent();
        }
        else
        {
            _ = _progress.Become(KubernetesKindState.Interrupted, "is not installed any more; its objects are kept until it is missing again");
        }
    }

    private TimeSpan Fail(Exception e)
    {
        if (e is JsonException or InvalidDataException)
            _version = null; // a stream that cannot be read does not tell where it stands
        var delay = _backoff.Next();
        if (e is KubernetesApiException { RetryAfter: { } asked } && asked > delay)
            delay = asked < _timings.LongestRetryAfter ? asked : _timings.LongestRetryAfter;
        _metrics.Failed(_resource.Label);
        var reason = ExceptionWords.Of(e);
        if (_progress.Become(KubernetesKindState.Interrupted, reason))
            Log.KindInterrupted(_logger, _resource.Plural, reason, delay.TotalSeconds);
        else
            Log.KindStillInterrupted(_logger, _resource.Plural, reason, delay.TotalSeconds);
        return delay;
    }

    /// <summary>What servers, networks and files of credentials do. Everything else is a mistake of this library.</summary>
    public static bool IsPassing(Exception e, CancellationToken stop) =>
        e is KubernetesApiException or CredentialException or HttpRequestException or IOException or TimeoutException or JsonException or InvalidDataException
        || (e is OperationCanceledException && !stop.IsCancellationRequested);
}
