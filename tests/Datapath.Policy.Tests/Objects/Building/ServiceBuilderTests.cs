namespace Datapath.Policy.Tests.Objects.Building;

internal sealed class ServiceBuilderTests
{
    private static ServiceBuilder Web => new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 8080);

    private static string Rejection(ServiceBuilder builder)
    {
        var objects = builder.Build();
        var compiler = Make.Compiler([.. objects]);
        return objects.Select(item => compiler.Status(item)).First(static status => status.Condition is ObjectCondition.Rejected).ToString();
    }

    [Test]
    public void A_service_of_both_families_has_a_slice_for_each()
    {
        var objects = new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1", "fd10::1").Port(80, 8080).Backend("10.0.0.1").Backend("fd00::1").Backend("10.0.0.2").Build();
        Assert.That(
            objects.Select(static item => item.Key.ToString()), Is.EqualTo(new[] { "Service shop/web", "EndpointSlice shop/web-1", "EndpointSlice shop/web-2" }));
        var frontends = Make.Compiler([.. objects]).State.Services[new("shop", "web")].Frontends;
        Assert.That(
            frontends.Select(static frontend => $"{frontend.Address}: {string.Join(", ", frontend.Texts())}"),
            Is.EqualTo(new[] { "10.96.0.1:80/TCP: 10.0.0.1:8080/TCP Active, 10.0.0.2:8080/TCP Active", "[fd10::1]:80/TCP: [fd00::1]:8080/TCP Active" }));
    }

    [Test]
    public void Very_many_backends_are_in_several_slices()
    {
        var builder = Web;
        for (var i = 0; i < 201; i++)
            builder.Backend($"10.1.{i / 250}.{(i % 250) + 1}");
        var objects = builder.Backend("fd00::1").Build();
        Assert.That(
            objects.OfType<EndpointSlice>().Select(static slice => $"{slice.Metadata.Name}: {slice.Endpoints.Length}"),
            Is.EqualTo(new[] { "web-1: 100", "web-2: 100", "web-3: 1", "web-4: 1" }));
        Assert.That(Make.Compiler([.. objects]).State.Services[new("shop", "web")].Frontends[0].Backends, Has.Length.EqualTo(201));
    }

    [Test]
    public void Labels_annotations_and_age_are_those_of_the_service()
    {
        var age = new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero);
        var objects = Web.Label("team", "a").Annotation(ServiceAnnotations.AlgorithmAnnotation, "maglev").CreatedAt(age).Backend("10.0.0.1").Build();
        var service = (Service)objects[0];
        Assert.Multiple(() =>
        {
            Assert.That(service.Metadata.Labels["team"], Is.EqualTo("a"));
            Assert.That(ServiceAnnotations.Of(service).Algorithm, Is.EqualTo(LoadBalancingAlgorithm.Maglev));
            Assert.That(service.Metadata.CreationTimestamp, Is.EqualTo(age));
            Assert.That(objects[1].Metadata.Labels, Has.Count.EqualTo(1), "the slice says of itself only whose it is");
        });
    }

    [Test]
    public void Ports_keep_their_own_target_and_protocol()
    {
        var objects = new ServiceBuilder("sys", "dns").ClusterIP("10.96.0.10").Port(53, protocol: L4Protocol.Udp, name: "dns").Port(80, 9153, name: "metrics")
            .Backend("10.0.0.1").Build();
        Assert.That(
            Make.Compiler([.. objects]).State.Services[new("sys", "dns")].Frontends.Select(static frontend => frontend.Texts().Single()),
            Is.EqualTo(new[] { "10.0.0.1:53/UDP Active", "10.0.0.1:9153/TCP Active" }));
    }

    [Test]
    public void Nodes_and_conditions_of_backends_count()
    {
        var objects = Web.Backend("10.0.0.1", "node-b").Backend(new ServiceBackend("10.0.0.2") { NodeName = "node-a", State = BackendState.Terminating })
            .With(static spec => spec with { InternalTrafficPolicy = TrafficPolicy.Local }).Build();
        Assert.That(Make.Compiler([.. objects]).State.Services[new("shop", "web")].Frontends[0].Texts(), Is.EqualTo(new[] { "10.0.0.2:8080/TCP Terminating" }));
    }

    [Test]
    public void A_builder_may_be_built_again_and_what_was_built_stays()
    {
        var builder = Web;
        var first = builder.Build();
        Assert.That(builder.Backend("10.0.0.1").Build(), Has.Length.EqualTo(2));
        Assert.That(first, Has.Length.EqualTo(1));
        Assert.That(builder.Build()[0], Is.EqualTo(first[0]));
    }

    [Test]
    public void Without_an_address_there_is_nothing_to_program()
    {
        var service = new ServiceBuilder("shop", "web").ClusterIP().Port(80).Build()[0];
        Assert.That(Make.Compiler(service).Status(service).Condition, Is.EqualTo(ObjectCondition.Accepted));
    }

    private static TestCaseData Null(Action call, string parameter) => new TestCaseData(call, parameter).SetArgDisplayNames(parameter);

    private static IEnumerable<TestCaseData> Nulls() =>
    [
        Null(static () => _ = new ServiceBuilder(null!, "x"), "namespace"),
        Null(static () => _ = new ServiceBuilder("x", null!), "name"),
        Null(static () => _ = Web.ClusterIP("10.96.0.2", null!), "addresses"),
        Null(static () => _ = Web.Port(80, name: null!), "name"),
        Null(static () => _ = Web.Backend((string)null!), "address"),
        Null(static () => _ = Web.Backend((ServiceBackend)null!), "backend"),
        Null(static () => _ = Web.Label(null!, "x"), "key"),
        Null(static () => _ = Web.Label("x", null!), "value"),
        Null(static () => _ = Web.Annotation(null!, "x"), "key"),
        Null(static () => _ = Web.Annotation("x", null!), "value"),
        Null(static () => _ = Web.With(null!), "change"),
        Null(static () => _ = new ServiceBackend(null!), "Address"),
        Null(static () => _ = new ServiceBackend("10.0.0.1") with { Address = null! }, "Address"),
        Null(static () => _ = new ServiceObjects(null!), "builder"),
        Null(static () => _ = new ServiceObjects(Web).Find(null!), "address"),
        Null(static () => _ = new ServiceObjects(Web).Remove("10.0.0.1", null!), "addresses"),
        Null(static () => _ = new ServiceObjects(Web).Upsert((ServiceBackend)null!), "backends"),
        Null(static () => _ = new ServiceObjects(Web).ChangesTo(null!), "next"),
        Null(static () => _ = new PodBuilder(null!, "x"), "namespace"),
        Null(static () => _ = new PodBuilder("x", null!), "name"),
        Null(static () => _ = Pod.Label(null!, "x"), "key"),
        Null(static () => _ = Pod.Label("x", null!), "value"),
        Null(static () => _ = Pod.OnNode(null!), "node"),
        Null(static () => _ = Pod.Address(null!), "address"),
        Null(static () => _ = Pod.Port(80, name: null!), "name"),
        Null(static () => _ = Pod.Uid(null!), "uid"),
        Null(static () => _ = new RedirectBuilder(null!, "x", "a=b"), "name"),
        Null(static () => _ = new RedirectBuilder("x", null!, "a=b"), "podNamespace"),
        Null(static () => _ = new RedirectBuilder("x", "x", null!), "podSelector"),
        Null(static () => _ = Redirect.Service(null!, "x"), "namespace"),
        Null(static () => _ = Redirect.Service("x", null!), "name"),
        Null(static () => _ = Redirect.Address(null!, 80), "address"),
        Null(static () => _ = Redirect.Address("10.0.0.1", 80, backendPort: null!), "backendPort"),
        Null(static () => _ = Redirect.ToPort(80, name: null!), "name"),
        Null(static () => _ = Redirect.With(null!), "change"),
    ];

    private static RedirectBuilder Redirect => new("meta", "shop", "app=proxy");

    private static PodBuilder Pod => new("shop", "web-0");

    [TestCaseSource(nameof(Nulls))]
    public void Null_is_refused_where_it_is_given(Action call, string parameter) =>
        Assert.That(Assert.Throws<ArgumentNullException>(call)!.ParamName, Is.EqualTo(parameter));

    [Test]
    public void A_change_that_gives_null_is_refused()
    {
        Assert.That(static () => Web.With(static _ => null!), Throws.ArgumentException.With.Message.StartsWith("must give a specification, not null"));
        Assert.That(static () => Redirect.With(static _ => null!), Throws.ArgumentException.With.Message.StartsWith("must give a policy, not null"));
    }

    [Test]
    public void Wrong_values_are_refused_with_field_value_and_reason()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Rejection(Web.ClusterIP("10.96.0")), Does.Contain("spec.clusterIPs[1]: '10.96.0' must be an IP address"));
            Assert.That(Rejection(Web.Port(70000, name: "x")), Does.Contain("spec.ports[1].port: '70000' must be 1 to 65535").And.Contains("spec.ports[0].name"));
            Assert.That(
                Rejection(new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 0).Backend("10.0.0.1")),
                Is.EqualTo("Service shop/web: Rejected: spec.ports[0].targetPort: '0' must be 1 to 65535"));
            Assert.That(Rejection(Web.Backend("nowhere")), Does.Contain("endpoints[0].addresses[0]: 'nowhere'"));
            Assert.That(Rejection(Web.Backend("")), Does.Contain("endpoints[0].addresses[0]: ''"));
            Assert.That(PolicyCompiler.Check(Web.Name, new ServiceBackend("")).Message, Is.EqualTo("backend '': Address: '' must be an IP address"));
            Assert.That(Rejection(new ServiceBuilder("shop", "Web").ClusterIP("10.96.0.1").Port(80)), Does.Contain("metadata.name: 'Web'"));
        });
    }
}
