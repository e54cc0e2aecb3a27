using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Datapath.Hosting;

/// <summary>What the following of a cluster measures.</summary>
internal sealed class KubernetesMetrics
{
    private readonly Lock _gate = new();
    private readonly Meter _meter;
    private readonly Counter<long> _lists;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _writes;
    private ImmutableArray<(string Kind, KindProgress Progress)> _shown = [];
    private bool _hasGauges;

    public KubernetesMetrics(Meter meter)
    {
        _meter = meter;
        _lists = _meter.CreateCounter<long>("datapath.kubernetes.list", "{list}", "Complete lists, by kind. More than one: the server had forgotten where a watch stood.");
        _failures = _meter.CreateCounter<long>("datapath.kubernetes.failure", "{failure}", "Lists and watches that failed, by kind.");
        _writes = _meter.CreateCounter<long>("datapath.kubernetes.status.written", "{write}", "Statuses that were written, by outcome.");
    }

    public void Listed(string kind) => _lists.Add(1, Tag(kind));

    public void Failed(string kind) => _failures.Add(1, Tag(kind));

    public void Written(bool isDone) => _writes.Add(1, new KeyValuePair<string, object?>("outcome", isDone ? "done" : "failed"));

    /// <summary>Shows how a kind is followed, when somebody collects.</summary>
    public void Show(string kind, KindProgress progress, TimeProvider time)
    {
        lock (_gate)
        {
            _shown = _shown.Add((kind, progress));
            if (_hasGauges)
                return;
            _hasGauges = true;
        }

        _ = _meter.CreateObservableGauge(
            "datapath.kubernetes.object.known", () => Measure(static status => status.Objects), "{object}", "Objects that are known, by kind.");
        _ = _meter.CreateObservableGauge(
            "datapath.kubernetes.contact.age",
            () => Shown().Where(static kind => kind.Status.LastContact is not null)
                .Select(kind => new Measurement<double>((time.GetUtcNow() - kind.Status.LastContact!.Value).TotalSeconds, Tag(kind.Kind))),
            "s",
            "How long ago the server last told something, by kind. A watch without changes is told of once a minute by most servers.");
        _ = _meter.CreateObservableGauge(
            "datapath.kubernetes.stale", () => Measure(static status => status.IsStale ? 1 : 0), "{kind}", "1 for a kind whose changes may have been missed for too long.");
    }

    /// <summary>Shows it no longer.</summary>
    public void Hide(KindProgress progress)
    {
        lock (_gate)
            _shown = _shown.RemoveAll(item => item.Progress == progress);
    }

    private IEnumerable<Measurement<int>> Measure(Func<KubernetesWatchStatus, int> value) =>
        Shown().Select(kind => new Measurement<int>(value(kind.Status), Tag(kind.Kind)));

    private (string Kind, KubernetesWatchStatus Status)[] Shown()
    {
        lock (_gate)
            return [.. _shown.Select(static item => (item.Kind, item.Progress.Current))];
    }

    private static KeyValuePair<string, object?> Tag(string kind) => new("kind", kind);
}
