using System.Diagnostics.Metrics;
using Datapath.Agent.Metrics;
using Datapath.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Datapath.Kernel.Tests.Agent.Metrics;

/// <summary>What is measured, in the words of Prometheus.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MeterCollectorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterCollector _collector;
    private readonly Meter _meter;
    private readonly LogLines _log = new();

    public MeterCollectorTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _collector = new(meters, _log);
        _meter = meters.Create(DatapathMetrics.MeterName);
    }

    public void Dispose()
    {
        _collector.Dispose();
        _services.Dispose();
    }

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    [Test]
    public void Counters_add_up_by_their_labels_and_a_family_has_one_head()
    {
        var counter = _meter.CreateCounter<long>("a.dial.refused", "{dial}", "Dials, a \\ and\na line.");
        counter.Add(2, Tag("a.reason", "x"));
        counter.Add(1, Tag("a.reason", "y"));
        counter.Add(3, Tag("a.reason", "x"));
        Assert.That(
            _collector.Collect(),
            Is.EqualTo("""
                # HELP a_dial_refused_total Dials, a \\ and\na line.
                # TYPE a_dial_refused_total counter
                a_dial_refused_total{a_reason="x"} 5
                a_dial_refused_total{a_reason="y"} 1

                """));
    }

    [Test]
    public void Labels_are_escaped_ordered_and_put_together_if_their_names_become_the_same()
    {
        _meter.CreateCounter<int>("a").Add(1, Tag("z", "a \"quote\", a \\ and\na line"), Tag("b.c", 1.5), Tag("b_c", "ü"), Tag("9", true));
        Assert.That(_collector.Collect(), Does.EndWith("""
            a_total{_9="True",b_c="1.5;ü",z="a \"quote\", a \\ and\na line"} 1

            """));
    }

    [TestCase("a.duration", "s", ExpectedResult = "a_duration_seconds")]
    [TestCase("a.size", "By", ExpectedResult = "a_size_bytes")]
    [TestCase("a.utilization", "1", ExpectedResult = "a_utilization_ratio")]
    [TestCase("a.flow", "{flow}", ExpectedResult = "a_flow")]
    [TestCase("a.wait-ed", null, ExpectedResult = "a_wait_ed")]
    [TestCase("a.in_seconds", "s", ExpectedResult = "a_in_seconds")]
    public string Names_have_the_unit_in_words(string name, string? unit) => PrometheusName.OfInstrument(_meter.CreateGauge<double>(name, unit));

    [Test]
    public void A_unit_without_words_is_no_name() =>
        Assert.That(() => PrometheusName.OfInstrument(_meter.CreateCounter<long>("a", "By/s")), Throws.Exception);

    [Test]
    public void Histograms_have_the_buckets_that_they_ask_for_and_each_counts_those_below()
    {
        var histogram = _meter.CreateHistogram("a.duration", "s", "How long.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.05, 0.1, 0.5, 2 })
            histogram.Record(value, Tag("b", "c"));
        Assert.That(
            _collector.Collect(),
            Is.EqualTo("""
                # HELP a_duration_seconds How long.
                # TYPE a_duration_seconds histogram
                a_duration_seconds_bucket{b="c",le="0.1"} 2
                a_duration_seconds_bucket{b="c",le="1"} 3
                a_duration_seconds_bucket{b="c",le="+Inf"} 4
                a_duration_seconds_sum{b="c"} 2.65
                a_duration_seconds_count{b="c"} 4

                """));
    }

    [Test]
    public void What_is_observed_is_what_there_is_now_of_all_instruments_of_a_name()
    {
        Measurement<long>[] first = [new(1, Tag("map", "a")), new(2, Tag("map", "b"))];
        _ = _meter.CreateObservableUpDownCounter("map.usage", () => first, "{entry}");
        _ = _meter.CreateObservableUpDownCounter("map.usage", static () => new Measurement<long>(3, Tag("map", "c")), "{entry}");
        Assert.That(_collector.Collect(), Does.EndWith("map_usage{map=\"a\"} 1\nmap_usage{map=\"b\"} 2\nmap_usage{map=\"c\"} 3\n"));
        first = [new(7, Tag("map", "b"))];
        Assert.That(_collector.Collect(), Does.EndWith("gauge\nmap_usage{map=\"b\"} 7\nmap_usage{map=\"c\"} 3\n"));
    }

    [Test]
    public void What_cannot_be_observed_is_missing_and_is_logged_once()
    {
        _ = _meter.CreateObservableGauge("a", static long () => throw new IOException("the kernel refused"));
        _ = _meter.CreateObservableGauge("b", static () => 1L);
        Assert.That(_collector.Collect(), Does.EndWith("b 1\n").And.Not.Contain("a "));
        _ = _collector.Collect();
        Assert.That(_log.Lines, Is.EqualTo(new[] { "Some metrics are missing: the kernel refused" }));
    }

    [Test]
    public void Meters_of_other_hosts_are_not_heard()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create(DatapathMetrics.MeterName).CreateCounter<long>("a").Add(1);
        Assert.That(_collector.Collect(), Is.Empty);
    }

    private sealed class LogLines : ILogger<MeterCollector>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
