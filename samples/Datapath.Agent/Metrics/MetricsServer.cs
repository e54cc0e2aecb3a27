using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Agent.Metrics;

/// <summary>
/// Tells metrics, and whether the agent lives and is ready, to whoever asks by HTTP. Anybody who reaches the address may: nothing here changes anything, and
/// the names of services and pods are not told.
/// </summary>
internal sealed partial class MetricsServer : BackgroundService
{
    /// <summary>A step takes seconds at most.</summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(2);

    private const int MostClients = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1);
    private readonly Socket _listener;
    private readonly MeterCollector _collector;
    private readonly DatapathMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly ILogger<MetricsServer> _logger;
    private readonly SemaphoreSlim _places = new(MostClients);

    public MetricsServer(Socket listener, MeterCollector collector, DatapathMonitor monitor, TimeProvider time, ILogger<MetricsServer> logger) =>
        (_listener, _collector, _monitor, _time, _logger) = (listener, collector, monitor, time, logger);

    public override void Dispose()
    {
        _listener.Dispose();
        base.Dispose();
    }

    /// <summary>Whether the loop that brings changes into the engine lives.</summary>
    internal static HttpAnswer Live(Exception? end, DateTimeOffset? busySince, DateTimeOffset now)
    {
        if (end is not null)
            return new(HttpAnswer.Unavailable, $"the datapath has ended: {end.Message}\n");
        return now - busySince is { } busy && busy > LongestStep
            ? new(HttpAnswer.Unavailable, FormattableString.Invariant($"a step hangs, for {busy.TotalSeconds:0} s\n"))
            : new(HttpAnswer.Ok, "ok\n");
    }

    /// <summary>Whether what the sources told first is in force.</summary>
    internal static HttpAnswer Ready(Exception? end, bool isSynced, ImmutableArray<string> awaited)
    {
        if (end is not null)
            return new(HttpAnswer.Unavailable, $"the datapath has ended: {end.Message}\n");
        if (isSynced)
            return new(HttpAnswer.Ok, "ok\n");
        return new(HttpAnswer.Unavailable, awaited.IsEmpty
            ? "not synced: what the sources told is not in force yet\n"
            : $"not synced: the sources have not told their initial lists yet: {string.Join(", ", awaited)}\n");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.Listening(_logger, (IPEndPoint)_listener.LocalEndPoint!);
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                await _places.WaitAsync(stoppingToken).ConfigureAwait(false);
                _ = clients.RemoveAll(static task => task.IsCompleted);
                if (await AcceptAsync(stoppingToken).ConfigureAwait(false) is { } client)
                    clients.Add(AnswerAsync(client, stoppingToken));
                else
                    _ = _places.Release();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host stops
        }

        await Task.WhenAll(clients).ConfigureAwait(false);
    }

    // Out of descriptors, for example: an agent that cannot be asked goes on serving.
    private async Task<Socket?> AcceptAsync(CancellationToken stop)
    {
        try
        {
            return await _listener.AcceptAsync(stop).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            Log.NotAccepted(_logger, e.Message);
            await Task.Delay(s_rest, _time, stop).ConfigureAwait(false);
            return null;
        }
    }

    private async Task AnswerAsync(Socket client, CancellationToken stop)
    {
        await Task.Yield(); // what is collected must not keep others from being accepted
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_patience); // who does not read must not keep others waiting
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            var request = await HttpRequestLine.ReadAsync(stream, limit.Token).ConfigureAwait(false);
            await stream.WriteAsync(Answer(request).ToBytes(request is not { Method: "HEAD" }), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Log.NotAnswered(_logger, e.Message);
        }
        catch (Exception e) // a defect, which must not end the agent
        {
            Log.Failed(_logger, e);
        }
        finally
        {
            _ = _places.Release();
        }
    }

    private HttpAnswer Answer(HttpRequestLine? request) => request switch
    {
        null => new("400 Bad Request", "this is no request of HTTP/1.1, or its head is too long\n"),
        { Method: not ("GET" or "HEAD") } => new("405 Method Not Allowed", "only GET and HEAD\n") { Headers = "Allow: GET, HEAD\r\n" },
        { Path: "/metrics" } => new(HttpAnswer.Ok, _collector.Collect()) { ContentType = PrometheusText.ContentType },
        { Path: "/healthz" } => Live(_monitor.EndReason, _monitor.BusySince, _time.GetUtcNow()),
        { Path: "/readyz" } => Ready(_monitor.EndReason, _monitor.Current.IsSynced, _monitor.Awaited),
        _ => new("404 Not Found", "there are /metrics, /healthz and /readyz\n"),
    };

    private static partial class Log
    {
        [LoggerMessage(EventId = 5111, Level = LogLevel.Information, Message = "Metrics and health are told at http://{Address}/metrics, /healthz and /readyz")]
        public static partial void Listening(ILogger logger, IPEndPoint address);

        [LoggerMessage(EventId = 5112, Level = LogLevel.Debug, Message = "A client of metrics did not take its answer: {Reason}")]
        public static partial void NotAnswered(ILogger logger, string reason);

        [LoggerMessage(EventId = 5113, Level = LogLevel.Warning, Message = "A client of metrics cannot be accepted, which is tried again: {Reason}")]
        public static partial void NotAccepted(ILogger logger, string reason);

        [LoggerMessage(EventId = 5114, Level = LogLevel.Error, Message = "A client of metrics got no answer")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
