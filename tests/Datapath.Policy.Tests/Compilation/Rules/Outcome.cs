using Datapath.Policy.Tests.Compilation.Naive;
using Datapath.Policy.Tests.Compilation.Properties;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>What becomes of some objects, by the compiler and by the naive one, which have to agree.</summary>
internal sealed class Outcome
{
    private readonly NaiveCompiler _compiled;

    private Outcome(NaiveCompiler compiled) => _compiled = compiled;

    public IEnumerable<Frontend> Frontends => _compiled.Services.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value.Frontends);

    public IEnumerable<LocalPod> Pods => _compiled.Pods.Values;

    public IEnumerable<FrontendRange> Ranges => _compiled.Services.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value.Ranges);

    /// <summary>The frontends as <c>ADDRESS TYPE</c>, those of the internal scope with <c>/i</c>.</summary>
    public string[] Listing =>
        [.. Frontends.Select(frontend => $"{frontend.Address}{(frontend.Scope is FrontendScope.Internal ? "/i" : "")} {frontend.Type}")];

    public static Outcome Of(NodeConfiguration node, params ReadOnlySpan<KubernetesObject> objects) => Of(node, [], objects);

    public static Outcome Of(NodeConfiguration node, HealthResult[] results, params ReadOnlySpan<KubernetesObject> objects)
    {
        var compiler = new PolicyCompiler(node);
        compiler.Apply(ObjectBatch.Upsert(objects));
        compiler.Apply(results);
        var health = results.ToDictionary(result => (result.Service, result.Backend), result => result.IsHealthy is true);
        var naive = NaiveCompiler.Compile(objects.ToArray(), node, health);
        Assert.That(States.Difference(naive.Services, compiler.State.Services), Is.Null, "both compilers agree on the services");
        Assert.That(States.Difference(naive.Pods, compiler.State.Pods), Is.Null, "both compilers agree on the pods");
        Assert.That(
            compiler.Statuses.ToDictionary(status => status.Object, status => status.Condition), Is.EquivalentTo(naive.Conditions),
            "both compilers agree on what became of the objects");
        return new(naive);
    }

    public Frontend Frontend(string address, FrontendScope scope = FrontendScope.External) =>
        Frontends.Single(frontend => frontend.Address == L4Address.Parse(address) && frontend.Scope == scope);

    public DesiredService? Service(string name) => _compiled.Services.GetValueOrDefault(new(name.StartsWith('/') ? "" : "default", name.TrimStart('/')));

    public ObjectCondition Condition(KubernetesObject item) => _compiled.Conditions[item.Key];

    /// <summary>The backends of a frontend, those that are not usable in parentheses.</summary>
    public string Backends(string address, FrontendScope scope = FrontendScope.External)
    {
        var frontend = Frontend(address, scope);
        return string.Join(' ', frontend.Backends.Select((backend, i) => i < frontend.UsableCount ? $"{backend.Address}" : $"({backend.Address})"));
    }

    /// <summary>The redirects of a frontend as <c>POLICY>BACKENDS</c>.</summary>
    public string Redirects(string address) => Redirects(Frontend(address).Redirects);

    public static string Redirects(IEnumerable<Redirect> redirects) =>
        string.Join("; ", redirects.Select(redirect => $"{redirect.Policy.Name.Split(':')[0]}>{Addresses(redirect)}"));

    private static string Addresses(Redirect redirect) => string.Join(' ', redirect.Backends.Select(backend => backend.Address));
}
