using System.Net;
using System.Text.Json;
using Datapath.Agent.Output;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>What the agent knows arrives whole.</summary>
[TestFixture]
internal sealed class AgentAnswerTests
{
    private static readonly L4Address s_frontend = L4Address.Parse("10.96.0.1:80/TCP");
    private static readonly L4Address s_backend = L4Address.Parse("[fd00::2]:8080/UDP");

    [Test]
    public void An_expectation_loses_nothing()
    {
        var expected = new DatapathExpectation(
            [
                new(s_frontend, FrontendType.LocalRedirect, [new(s_backend) { Weight = 7 }, new(s_frontend)])
                {
                    AffinitySeconds = 60,
                    IsHostOnly = true,
                    FurtherSets = [new([s_backend], false, ["netns 17", "cgroup 4711"]), new([], true, ["netns 18"])],
                },
                new(s_backend, FrontendType.ExternalIPs, []) { Passes = true },
            ],
            ["dp_connect4", "dp_connect6"],
            ulong.MaxValue)
        {
            Ranges =
            [
                new(IPNetwork.Parse("10.0.0.0/24"), 80, 90, L4Protocol.Tcp, [new(s_backend) { Weight = 7 }]) { FurtherSets = [new([s_backend], false, ["netns 17"])] },
                new(IPNetwork.Parse("fd00::/8"), 53, 53, L4Protocol.Udp, []) { Passes = true },
            ],
        };
        var sent = new AgentExpectation(42, true, 4711, expected);
        Assert.That(Send(new() { Expectation = sent }).Expectation, Is.EqualTo(sent).UsingPropertiesComparer());
    }

    [Test]
    public void What_was_forgotten_on_the_way_would_be_noticed()
    {
        var whole = new ExpectedFrontend(s_frontend, FrontendType.ClusterIP, []) { FurtherSets = [new([s_backend], false, ["netns 17"])] };
        Assert.That(whole with { FurtherSets = [] }, Is.Not.EqualTo(whole).UsingPropertiesComparer());
        Assert.That(whole with { FurtherSets = [whole.FurtherSets[0] with { Clients = [] }] }, Is.Not.EqualTo(whole).UsingPropertiesComparer());
        Assert.That(whole with { Backends = [new(s_backend)] }, Is.Not.EqualTo(whole with { Backends = [new(s_backend) { Weight = 7 }] }).UsingPropertiesComparer());
    }

    [Test]
    public void A_report_and_an_error_arrive()
    {
        var report = new AgentReport(42, true, 7, null, [new("default/web", "Active", "", false, [])], [], [], [], ["a failure"], [new("default/web-0", "uid")]) { Faults = ["a fault"] };
        var answer = Send(new() { Report = report });
        Assert.That((answer.Report, answer.Expectation, answer.Error), Is.EqualTo((report, (AgentExpectation?)null, (string?)null)).UsingPropertiesComparer());
        Assert.That(Send(new() { Error = "<why>" }).Error, Is.EqualTo("<why>"));
    }

    [TestCase("""{ "expectation": { "kernel": { "frontends": [{ "address": "10.0.0.1" }] } } }""")]
    [TestCase("""{ "expectation": { "kernel": { "ranges": [{ "prefix": "10.0.0.1" }] } } }""")]
    [TestCase("""{ "expectation": { "kernel": { "frontends": [{ "backends": [["10.0.0.1:80/TCP"]] }] } } }""")]
    [TestCase("""{ "expectation": { "kernel": { "frontends": [{ "backends": [["10.0.0.1:80/TCP", 7, 8]] }] } } }""")]
    public void An_answer_that_makes_no_sense_is_refused(string text) =>
        Assert.That(() => JsonSerializer.Deserialize(text, AnswerJson.Readable.AgentAnswer), Throws.InstanceOf<JsonException>());

    private static AgentAnswer Send(AgentAnswer answer) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(answer, AnswerJson.Readable.AgentAnswer), AnswerJson.Readable.AgentAnswer)!;
}
