using System.Net.Sockets;
using System.Text.Json;
using Datapath.Agent.Output;
using Datapath.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Agent.Status;

/// <summary>Answers whoever asks how the agent stands.</summary>
internal sealed partial class AgentSocketServer(
    IOptions<DatapathOptions> options, DatapathMonitor monitor, IDatapath datapath, ILogger<AgentSocketServer> logger) : BackgroundService
{
    private readonly string _path = AgentSocket.PathOf(options.Value.BpfRoot);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.Delete(_path); // of an agent that was killed; a living one holds the lock of the pin folder, and this line is not reached
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        try
        {
            while (true)
            {
                using var client = await listener.AcceptAsync(stoppingToken).ConfigureAwait(false);
                await AnswerAsync(client, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the host stops
        }
        finally
        {
            File.Delete(_path);
        }
    }

    private async Task AnswerAsync(Socket client, CancellationToken stop)
    {
        try
        {
            using var stream = new NetworkStream(client);
            await JsonSerializer.SerializeAsync(stream, Report(), ReportJson.Default.AgentReport, stop).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            Log.NotAnswered(logger, e); // it did not wait for the answer
        }
    }

    private AgentReport Report()
    {
        var now = monitor.Current;
        return new(
            Environment.ProcessId,
            now.IsSynced,
            now.Generation,
            now.AppliedAt,
            Rows.Services(now.State, now.Statuses.Values, datapath.Read(), now.Failures),
            Rows.Diagnostics(monitor.Diagnostics),
            [.. now.Failures.Select(static f => $"service {f.Service}, {f.Frontend}: {f.Reason}")]);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5001, Level = LogLevel.Debug, Message = "A client did not wait for its answer")]
        public static partial void NotAnswered(ILogger logger, Exception e);
    }
}
