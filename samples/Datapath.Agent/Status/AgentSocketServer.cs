using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using Datapath.Agent.Output;
using Datapath.Hosting;
using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Agent.Status;

/// <summary>Answers whoever asks how the agent stands. An agent that cannot be asked goes on serving.</summary>
internal sealed partial class AgentSocketServer(
    IOptions<DatapathOptions> options, DatapathMonitor monitor, IDatapath datapath, IMasquerade masquerade, ILogger<AgentSocketServer> logger) : BackgroundService
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patienceForQuestion = TimeSpan.FromSeconds(1);
    private readonly string _path = AgentSocket.PathOf(options.Value.BpfRoot);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.Delete(_path); // of an agent that was killed; beside a living one this process would not have come here
            listener.Bind(new UnixDomainSocketEndPoint(_path));
            File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            Log.NotListening(logger, _path, e.Message);
            return;
        }

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
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_patience); // who does not read must not keep others waiting
        try
        {
            using var stream = new NetworkStream(client);
            if (await AgentQuestion.ReadAsync(stream, s_patienceForQuestion, limit.Token).ConfigureAwait(false) is not { } question)
                return; // somebody only looked whether an agent is there
            await JsonSerializer.SerializeAsync(stream, Answer(question), AnswerJson.Readable.AgentAnswer, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            Log.NotAnswered(logger, e.Message);
        }
    }

    private AgentAnswer Answer(string question) => question switch
    {
        AgentQuestion.Status => new() { Report = WithDatapath(Report()) },
        AgentQuestion.Objects => new() { Report = WithPodNamespaces(Report()) },
        AgentQuestion.Expectation => new() { Expectation = Expectation() },
        AgentQuestion.Kernel => new() { Kernel = Rows.Kernel(datapath.Read(), (datapath as LinuxDatapath)?.ReadRanges() ?? []) },
        AgentQuestion.Flows => new() { Nat = new(Environment.ProcessId) { Flows = monitor.Current.Masquerade is null ? null : NatRows.Flows(masquerade, monitor.Current.State) } },
        AgentQuestion.Nat => new() { Nat = new(Environment.ProcessId) { Report = NatRows.Report(masquerade, monitor, options.Value.Masquerade) } },
        _ => new() { Error = $"does not know the question '{question}'; it knows {string.Join(", ", AgentQuestion.All)}" },
    };

    private AgentExpectation Expectation()
    {
        var (now, engine) = (monitor.Current, datapath as LinuxDatapath);
        return new(Environment.ProcessId, now.IsSynced, now.Generation, engine?.Expect(now.State))
        {
            Differences = options.Value.Lifetime is DatapathLifetime.Process ? engine?.Verify(now.State) : null,
            NotApplied = now.Failures.GroupBy(static f => SubjectOf(f)).ToDictionary(static g => g.Key, static g => g.First().Reason),
        };

        // Ranges are told apart by what their reasons begin with.
        static string SubjectOf(ApplyFailure failure) => failure.Reason.StartsWith("range ", StringComparison.Ordinal)
            ? failure.Reason["range ".Length..failure.Reason.IndexOf(": ", StringComparison.Ordinal)]
            : failure.Frontend.ToString();
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
            PolicyRows.Of(now.State, now.Statuses.Values, now.Failures),
            [.. now.NotInForce.Select(static s => new ObjectRow(s.Object.Kind.ToString(), s.Object.Namespace, s.Object.Name, s.Condition.ToString(), s.Message))],
            Rows.Diagnostics(monitor.Diagnostics),
            [
                .. now.Failures.Select(static f => $"service {f.Service}, {f.Frontend}: {f.Reason}"),
                .. now.PodFailures.Select(static f => $"pod {f.Pod}: {f.Reason}"),
            ],
            [.. now.State.Pods.Values.Select(static p => new PodRow(p.Name.ToString(), p.Uid))]);
    }

    private AgentReport WithPodNamespaces(AgentReport report)
    {
        if (datapath is not LinuxDatapath engine)
            return report;
        var cookies = engine.FindPodNamespaces().ToLookup(static pair => pair.Value.ToString(), static pair => pair.Key);
        return report with { Pods = [.. report.Pods.Select(pod => pod with { NetnsCookies = [.. cookies[pod.Pod].Order()] })] };
    }

    private AgentReport WithDatapath(AgentReport report)
    {
        var (selfTest, engine) = (monitor.Current.SelfTest, datapath as LinuxDatapath);
        return report with
        {
            Serves = options.Value.SocketLb.HostNamespaceOnly ? "host namespace only" : "all",
            SelfTest = selfTest?.ToString(),
            Counters = engine?.ReadCounters() ?? ImmutableSortedDictionary<string, long>.Empty,
            Ranges = engine?.ReadRanges().Length ?? 0,
            Features = [.. Rows.Features(engine?.GetStatus().Features ?? []), NatRows.Feature(masquerade, monitor.Current)],
            Kubernetes = [.. monitor.Kubernetes.Select(static k => new KindRow(k.Kind.ToString(), k.State.ToString(), k.Objects, k.LastContact, k.IsStale, k.Problem))],
            Faults =
            [
                .. selfTest is { IsEffective: false } ? selfTest.Reasons : [],
                .. (datapath as ISelfTestingDatapath)?.FindFaults() ?? [],
                .. NatRows.Faults(masquerade, monitor),
            ],
        };
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5001, Level = LogLevel.Debug, Message = "A client did not take its answer: {Reason}")]
        public static partial void NotAnswered(ILogger logger, string reason);

        [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Cannot be asked at {Path}, so 'status' and 'service list' will find no agent: {Reason}")]
        public static partial void NotListening(ILogger logger, string path, string reason);
    }
}
