namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>A failed property is only of use if its events are few.</summary>
internal sealed class ShrinkerTests
{
    [Test]
    public void Only_the_events_that_the_failure_needs_are_left()
    {
        var events = Enumerable.Range(0, 100).Select(step => new RandomEvent(step, new ObjectKey(ObjectKind.Pod, "default", $"p{step}"))).ToList();
        var fewer = Shrinker.Shrink(events, list => list.Contains(events[7]) && list.Contains(events[8]) && list.Contains(events[93]));
        Assert.That(fewer, Is.EqualTo(new[] { events[7], events[8], events[93] }));
        Assert.That(fewer[0].ToString(), Is.EqualTo("step 7: delete Pod default/p7"));
    }

    [Test]
    public void Objects_are_written_out_with_everything_that_is_not_the_default()
    {
        var text = Text.Of(Make.Slice("s", "web", Make.Endpoint("10.0.0.1", node: "node-a")));
        Assert.That(text, Does.Contain("Endpoints: [Endpoint(Addresses: [\"10.0.0.1\"], NodeName: \"node-a\")]"));
        Assert.That(text, Does.Contain("Labels: {kubernetes.io/service-name=web}"));
    }
}
