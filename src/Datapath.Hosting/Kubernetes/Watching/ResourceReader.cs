using System.Globalization;
using System.Runtime.CompilerServices;

namespace Datapath.Hosting;

/// <summary>Asks an API server for the objects of a kind.</summary>
/// <param name="resource">The kind.</param>
/// <param name="connection">The server.</param>
/// <param name="options">The options.</param>
/// <param name="node">The node whose part of the status is read; <see langword="null"/>: none.</param>
internal sealed class ResourceReader(ApiCollection resource, ApiConnection connection, KubernetesOptions options, string? node)
{
    /// <summary>An object may have 1.5 MiB as the server stores it, and some more as it tells it.</summary>
    private const int LongestEvent = 16 << 20;

    /// <summary>Reads all objects, in pages of one version.</summary>
    public async Task<List<ListPage>> ListAsync(CancellationToken cancellationToken)
    {
        var pages = new List<ListPage>();
        var limit = options.PageSize;
        while (true)
        {
            try
            {
                var next = pages is [.., var last] ? last.Continue : "";
                var page = await ReadPageAsync(limit, next, cancellationToken).ConfigureAwait(false);
                pages.Add(page);
                if (page.Continue.Length == 0)
                    return pages;
            }
            catch (KubernetesApiException e) when (e.IsExpired && pages.Count > 0)
            {
                // The server forgot the version before the last page: all at once is slower, and cannot fail so.
                pages.Clear();
                limit = 0;
            }
        }
    }

    /// <summary>Follows changes from a version on, until the server ends that.</summary>
    /// <param name="version">The version.</param>
    /// <param name="onOpen">Called when the server begins to answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The events; <see langword="null"/> for one of a type that is not known.</returns>
    public async IAsyncEnumerable<WatchEvent?> WatchAsync(string version, Action onOpen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lasts = options.Timings.Watch * (1 + Random.Shared.NextDouble());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(lasts + options.Timings.WatchGrace);
        var seconds = Math.Max(1, (long)lasts.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var path = Path(("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version), ("timeoutSeconds", seconds));
        using var response = await connection.OpenAsync(path, limit.Token).ConfigureAwait(false);
        onOpen();
        var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
        await using var lines = new LineReader(stream, LongestEvent);
        while (await ReadLineAsync(lines, limit.Token, cancellationToken).ConfigureAwait(false) is { } line)
            yield return WatchEvent.Read(line, node);
    }

    private async Task<ListPage> ReadPageAsync(int limit, string next, CancellationToken cancellationToken)
    {
        // Without a version it is the newest state, as a majority of the servers has it.
        var size = limit == 0 ? "" : limit.ToString(CultureInfo.InvariantCulture);
        return ListPage.Read(await connection.GetAsync(Path(("limit", size), ("continue", next)), cancellationToken).ConfigureAwait(false), node);
    }

    private string Path(params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var path = resource.Path;
        var separator = '?';
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[.. parameters, ("labelSelector", resource.LabelSelector), ("fieldSelector", resource.FieldSelector)])
        {
            if (value.Length == 0)
                continue;
            path += $"{separator}{name}={Uri.EscapeDataString(value)}";
            separator = '&';
        }

        return path;
    }

    private static async ValueTask<byte[]?> ReadLineAsync(LineReader lines, CancellationToken limit, CancellationToken stop)
    {
        try
        {
            return await lines.ReadAsync(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException("the server did not end the watch when it was to");
        }
    }
}
