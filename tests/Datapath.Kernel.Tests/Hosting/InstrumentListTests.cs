using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Datapath.Agent.Metrics;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>What is written of instruments is what hosts register.</summary>
[TestFixture]
internal sealed partial class InstrumentListTests
{
    private const string Document = "docs/metrics.md";
    private const string Dashboard = "samples/Datapath.Agent/deploy/grafana-dashboard.json";

    private List<Instrument> _instruments = null!;

    [OneTimeSetUp]
    public async Task ReadInstruments() => _instruments = await RegisteredInstruments.ReadAsync();

    [Test]
    public void The_documented_instruments_are_those_that_hosts_register() => Assert.That(
        Rows().Select(static row => $"{row.Groups["name"].Value} {row.Groups["kind"].Value} {row.Groups["unit"].Value}"),
        Is.EquivalentTo(_instruments.Select(static i => $"{i.Name} {KindOf(i)} {i.Unit}").Distinct()));

    [Test]
    public void Every_instrument_says_what_it_measures() => Assert.That(_instruments.Where(static i => i.Description is not [.., '.']).Select(static i => i.Name), Is.Empty);

    [TestCase(Document)]
    [TestCase(Dashboard)]
    public void Metrics_that_are_named_are_told_by_the_agent(string file)
    {
        var labels = Rows().SelectMany(static row => Attribute().Matches(row.Groups["attributes"].Value)).Select(static a => PrometheusName.OfLabel(a.Value)).ToHashSet();
        Assert.That(labels, Does.Contain("datapath_reason"));
        var told = _instruments.SelectMany(static i => MetricKinds.Of(i) is MetricKind.Histogram
            ? new[] { "_bucket", "_sum", "_count" }.Select(part => PrometheusName.OfInstrument(i) + part)
            : [PrometheusName.OfInstrument(i)]).ToHashSet();
        string[] named = [.. Metric().Matches(SourceTree.Read(file)).Select(static m => m.Value).Distinct().Where(name => !labels.Contains(name))];
        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Except(told), Is.Empty);
    }

    [Test]
    public void The_dashboard_shows_every_instrument()
    {
        var dashboard = SourceTree.Read(Dashboard);
        Assert.That(
            _instruments.Select(PrometheusName.OfInstrument).Distinct().Where(name => !dashboard.Contains(name, StringComparison.Ordinal)),
            Is.EqualTo(new[] { "datapath_masquerade_flow_no_route_source_total" }), "a matter of old kernels");
    }

    private static MatchCollection Rows() => Row().Matches(SourceTree.Read(Document));

    private static string KindOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name[..name.IndexOf('`', StringComparison.Ordinal)].Replace("Observable", "", StringComparison.Ordinal).ToLowerInvariant();
    }

    [GeneratedRegex(@"^\| `(?<name>datapath\.[a-z_.]+)` \| (?<kind>[a-z]+) \| `(?<unit>[^`]+)` \|(?<attributes>[^|]*)\| .+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(datapath|network)\.[a-z_]+")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\bdatapath_[a-z_]+\b")]
    private static partial Regex Metric();
}
