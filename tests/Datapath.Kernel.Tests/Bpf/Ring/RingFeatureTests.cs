using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>Rings that are made from a spec, and refusals that are told apart.</summary>
[TestFixture]
internal sealed class RingFeatureTests
{
    [Test]
    public void A_ring_made_from_a_spec_can_be_opened()
    {
        using var map = BpfMap.Create(MapSpec.RingBuffer("plain", 8192));
        using var ring = BpfRingBuffer.Open(map);
        Assert.That((ring.Name, ring.Capacity, ring.PendingBytes), Is.EqualTo(("plain", 8192L, 0L)));
    }

    [Test]
    public void A_refusal_that_is_not_the_kernels_age_stays_what_it_is()
    {
        Assert.That(BpfFeature.RingBuffers.IsSupported, Is.True);
        Assert.That(
            () => BpfMap.Create(MapSpec.RingBuffer("odd", 5000)),
            Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EINVAL));
    }
}
