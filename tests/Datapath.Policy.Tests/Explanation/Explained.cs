namespace Datapath.Policy.Tests.Explanations;

/// <summary>Short ways to explain, and to look at what was said.</summary>
internal static class Explained
{
    public static NodeConfiguration Node { get; } = new() { Name = "node-a", Addresses = [new(System.Net.IPAddress.Parse("192.0.2.1"))] };

    public static PodBuilder Client { get; } = new PodBuilder("shop", "client").OnNode("node-a").Address("10.0.1.9");

    public static PolicyCompiler Compile(params ReadOnlySpan<KubernetesObject> objects) => Compile(Node, objects);

    public static PolicyCompiler Compile(NodeConfiguration node, params ReadOnlySpan<KubernetesObject> objects)
    {
        var compiler = new PolicyCompiler(node);
        compiler.Apply(ObjectBatch.Upsert([.. objects, Client.Build()]));
        return compiler;
    }

    public static Explanation Explain(this PolicyCompiler compiler, string to, string from = "shop/client")
    {
        Assert.That(DialClient.TryParse(from, out var client), from);
        return compiler.Explain(client, L4Address.Parse(to));
    }

    /// <summary>The steps about a topic, as <c>+ subject: reason</c>.</summary>
    public static string[] Steps(this Explanation explanation, ExplanationTopic topic) =>
        [.. explanation.Steps.Where(step => step.Topic == topic).Select(static step => $"{(step.Applies ? '+' : '-')} {step.Subject}: {step.Reason}")];

    public static string Result(this Explanation explanation) => explanation.Steps(ExplanationTopic.Result).Single();

    public static DateTimeOffset Day(int day) => new(2026, 1, day, 0, 0, 0, TimeSpan.Zero);

    public static T Created<T>(this T item, int day) where T : KubernetesObject => item.With(meta => meta with { CreationTimestamp = Day(day) });
}
