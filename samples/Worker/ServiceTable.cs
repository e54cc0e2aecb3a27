using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Datapath.Policy;

namespace Datapath.Worker;

/// <summary>
/// A source of one's own: a file with a service on each line, <c>NAME ADDRESS:PORT BACKEND:PORT...</c>, read again when it changes. A line that is wrong is
/// told, and what it said before stays in force; so is a file that is gone.
/// </summary>
internal sealed class ServiceTable(string path) : IObjectSource
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);
    private readonly Dictionary<string, ServiceObjects> _services = [];

    public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTime? last = null;
        using var timer = new PeriodicTimer(s_look);
        do
        {
            var written = File.GetLastWriteTimeUtc(path);
            if (written == last)
                continue;
            last = written;
            yield return await ReadAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    // While somebody replaces the file it may be gone: that is told, and what it said before stays in force.
    private async Task<ObjectBatch> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Read(await File.ReadAllLinesAsync(path, cancellationToken));
        }
        catch (IOException e)
        {
            return new([], [], [new() { Severity = DiagnosticSeverity.Error, File = path, Reason = e.Message }]) { IsPartial = true };
        }
    }

    private static ServiceBuilder Parse(string line)
    {
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var address, .. var backends])
            throw new FormatException("NAME ADDRESS:PORT BACKEND:PORT... is expected");
        var (frontend, targets) = (IPEndPoint.Parse(address), backends.Select(IPEndPoint.Parse).ToArray());
        var builder = new ServiceBuilder("table", name).ClusterIP(frontend.Address.ToString()).Port(frontend.Port, targets.FirstOrDefault()?.Port);
        foreach (var target in targets)
            builder.Backend(target.Address.ToString());
        return builder;
    }

    private ObjectBatch Read(string[] lines)
    {
        var upserted = ImmutableArray.CreateBuilder<KubernetesObject>();
        var deleted = ImmutableArray.CreateBuilder<ObjectKey>();
        var diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
        var gone = _services.Keys.ToHashSet();
        foreach (var (number, line) in lines.Index().Where(static item => item.Item.Length > 0 && item.Item[0] != '#'))
        {
            var name = line.Split(' ')[0];
            _ = gone.Remove(name);
            try
            {
                var next = new ServiceObjects(Parse(line));
                var changes = _services.TryGetValue(name, out var before) ? before.ChangesTo(next) : ObjectBatch.Upsert(next.All.AsSpan());
                _services[name] = next;
                upserted.AddRange(changes.Upserted);
                deleted.AddRange(changes.Deleted);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                diagnostics.Add(new() { Severity = DiagnosticSeverity.Error, File = path, Line = number + 1, Value = line, Reason = e.Message });
            }
        }

        foreach (var name in gone)
        {
            deleted.AddRange(_services[name].All.Select(static item => item.Key));
            _ = _services.Remove(name);
        }

        return new(upserted.ToImmutable(), deleted.ToImmutable(), diagnostics.ToImmutable()) { IsPartial = diagnostics.Count > 0 };
    }
}
