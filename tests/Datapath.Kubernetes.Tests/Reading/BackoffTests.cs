using Datapath.Hosting;

namespace Datapath.Kubernetes.Tests.Reading;

internal sealed class BackoffTests
{
    [TestCase(0.0, new[] { 0.5, 1, 2, 4, 8, 10, 10 })]
    [TestCase(0.5, new[] { 1.0, 2, 4, 8, 10, 10 })]
    [TestCase(1.0, new[] { 1.5, 3, 6, 10, 10 })]
    public void Waits_double_around_chance_up_to_the_longest(double random, double[] seconds)
    {
        var backoff = new JitteredBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), () => random);
        Assert.That(seconds.Select(_ => backoff.Next().TotalSeconds), Is.EqualTo(seconds));
        backoff.Reset();
        Assert.That(backoff.Next().TotalSeconds, Is.EqualTo(seconds[0]));
    }

    [Test]
    public void Many_failures_do_not_overflow()
    {
        var backoff = new JitteredBackoff(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        for (var i = 0; i < 1000; i++)
            Assert.That(backoff.Next(), Is.InRange(TimeSpan.FromSeconds(30), TimeSpan.FromHours(1)));
    }
}
