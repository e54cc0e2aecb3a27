using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Datapath.Agent.Status;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>What the agent is asked for.</summary>
[TestFixture]
internal sealed class AgentQuestionTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    [TestCase("status\n", ExpectedResult = "status")]
    [TestCase("expectation\r\nmore", ExpectedResult = "expectation")]
    [TestCase("\n", ExpectedResult = "")]
    [TestCase("status", ExpectedResult = "status")]
    [TestCase("", ExpectedResult = null)]
    public Task<string?> The_first_line_is_the_question(string text) =>
        AgentQuestion.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), s_long, CancellationToken.None);

    [Test]
    public async Task A_line_without_an_end_is_cut_off() =>
        Assert.That(await AgentQuestion.ReadAsync(new MemoryStream(new byte[1000].Select(static _ => (byte)'x').ToArray()), s_long, CancellationToken.None), Is.EqualTo(new string('x', 64)));

    [Test]
    public async Task A_question_may_come_in_pieces()
    {
        var pipe = new Pipe();
        var question = AgentQuestion.ReadAsync(pipe.Reader.AsStream(), s_long, CancellationToken.None);
        _ = await pipe.Writer.WriteAsync("stat"u8.ToArray());
        Assert.That(question.IsCompleted, Is.False);
        _ = await pipe.Writer.WriteAsync("us\n"u8.ToArray());
        Assert.That(await question, Is.EqualTo("status"));
    }

    [Test]
    public async Task Who_says_nothing_asks_for_the_status() =>
        Assert.That(await AgentQuestion.ReadAsync(new Pipe().Reader.AsStream(), TimeSpan.FromMilliseconds(1), CancellationToken.None), Is.EqualTo("status"));

    [Test]
    public void An_agent_that_stops_waits_no_longer()
    {
        using var stop = new CancellationTokenSource();
        var question = AgentQuestion.ReadAsync(new Pipe().Reader.AsStream(), s_long, stop.Token);
        stop.Cancel();
        Assert.That(async () => await question, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void The_running_agent_tells_what_was_asked_for_and_refuses_what_it_does_not_know()
    {
        using var lab = AgentLab.WithTwoServices();
        using var agent = lab.StartAgent();
        Assert.That(Parts(lab, "status\n"), Is.EqualTo(new[] { "report" }));
        Assert.That(Parts(lab, ""), Is.EqualTo(new[] { "report" }), "as commands of earlier versions ask");
        Assert.That(Features(lab, "status\n"), Is.Not.Zero);
        Assert.That(Features(lab, "objects\n"), Is.Zero, "the kernel is not asked");
        Assert.That(Parts(lab, "expectation\n"), Is.EqualTo(new[] { "expectation" }));
        Assert.That(Ask(lab, "weather\n").GetProperty("error").GetString(), Is.EqualTo("does not know the question 'weather'; it knows status, objects, expectation, kernel, flows, nat"));
        Assert.That(lab.Json(0, "status").GetProperty("agent").TryGetProperty("expected", out _), Is.False);
        Assert.That(agent.Stop(), Is.Zero);
    }

    private static int Features(AgentLab lab, string question) => Ask(lab, question).GetProperty("report").GetProperty("features").GetArrayLength();

    private static string[] Parts(AgentLab lab, string question) =>
        [.. Ask(lab, question).EnumerateObject().Where(static part => part.Value.ValueKind is not JsonValueKind.Null).Select(static part => part.Name)];

    private static JsonElement Ask(AgentLab lab, string question)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(lab.Sockets().Single()));
        _ = socket.Send(Encoding.UTF8.GetBytes(question));
        using var stream = new NetworkStream(socket);
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
