using Datapath.Policy.Tests.Compilation.Inputs;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Explanations say what the state says.</summary>
internal sealed class ExplanationTests
{
    private const int Seeds = 150;
    private const int Objects = 40;

    private static readonly L4Address[] s_destinations =
    [
        .. from ip in new[] { "10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2", "192.0.2.3", "[fd00::1]", "[fd00::2]", "10.9.9.9", "127.0.0.1", "[::1]", "0.0.0.0" }
           from port in new[] { 80, 81, 82, 30080 }
           from protocol in new[] { "TCP", "UDP" }
           select L4Address.Parse($"{ip}:{port}/{protocol}"),
    ];

    [Test]
    public void An_explanation_ends_as_the_state_has_it_for_every_client_and_destination()
    {
        var outcomes = new HashSet<DialOutcome>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var compiler = new PolicyCompiler(RandomConfigurations.Next(random));
            var objects = Enumerable.Range(0, Objects).Select(_ => RandomObjects.Next(random)).DistinctBy(item => item.Key).ToDictionary(item => item.Key);
            compiler.Apply(ObjectBatch.Upsert([.. objects.Values]));
            var naive = new NaiveDial(compiler, objects);
            var clients = objects.Values.OfType<Pod>().Select(pod => DialClient.OfPod(new(pod.Metadata.Namespace, pod.Metadata.Name)))
                .Append(DialClient.Host).Append(DialClient.OfPod(new("nowhere", "nobody")));
            foreach (var client in clients)
            {
                foreach (var destination in s_destinations)
                {
                    var explanation = compiler.Explain(client, destination);
                    var said = (explanation.Outcome, NaiveDial.Text(explanation.Backends, destination));
                    Assert.That(said, Is.EqualTo(naive.Of(client, destination)), $"seed {seed}: {client} dials {destination}");
                    _ = outcomes.Add(explanation.Outcome);
                }
            }
        }

        Assert.That(outcomes, Is.EquivalentTo(Enum.GetValues<DialOutcome>()));
    }
}
