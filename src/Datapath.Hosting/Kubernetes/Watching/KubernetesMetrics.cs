using System.Diagnostics.Metrics;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What the following of a cluster measures.</summary>
internal sealed class KubernetesMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _lists;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _writes;

    public KubernetesMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(DatapathMetrics.MeterName);
        _lists = _meter.CreateCounter<long>("datapath.kubernetes.list", "{list}", "Complete lists, by kind. More than one: the server had forgotten where a watch stood.");
        _failures = _meter.CreateCounter<long>("datapath.kubernetes.failure", "{failure}", "Lists and watches that failed, by kind.");
        _writes = _meter.CreateCounter<long>("datapath.kubernetes.status.written", "{write}", "Statuses that were written, by outcome.");
    }

    public void Listed(ObjectKind kind) => _lists.Add(1, Tag(kind));

    public void Failed(ObjectKind kind) => _failures.Add(1, Tag(kind));

    public void Written(bool isDone) => _writes.Add(1, new KeyValuePair<string, object?>("outcome", isDone ? "done" : "failed"));

    /// <summary>Shows how the kinds are followed, when somebody collects.</summary>
    public void Show(Func<IEnumerable<KubernetesKindStatus>> kinds, TimeProvider time)
    {
        _ = _meter.CreateObservableGauge(
            "datapath.kubernetes.object.known", () => kinds().Select(static kind => new Measurement<int>(kind.Objects, Tag(kind.Kind))), "{object}", "Objects that are known, by kind.");
        _ = _meter.CreateObservableGauge(
            "datapath.kubernetes.contact.age",
            () => kinds().Where(static kind => kind.LastContact is not null)
                .Select(kind => new Measurement<double>((time.GetUtcNow() - kind.LastContact!.Value).TotalSeconds, Tag(kind.Kind))),
            "s",
            "How long ago the server last told something, by kind. A watch without changes is told of once a minute by most servers.");
        _ = _meter.CreateObservableGauge(
            "datapath.kubernetes.stale", () => kinds().Select(static kind => new Measurement<int>(kind.IsStale ? 1 : 0, Tag(kind.Kind))), "{kind}", "1 for a kind whose changes may have been missed for too long.");
    }

    private static KeyValuePair<string, object?> Tag(ObjectKind kind) => new("kind", kind.ToString());
}
