using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs at netkit devices: kernels without such devices say so, others tell them from other interfaces.</summary>
[TestFixture]
internal sealed class NetkitLinkTests
{
    [Test]
    public void An_interface_that_is_no_netkit_device_takes_no_program([Values] NetkitSide side)
    {
        using var network = NetworkNamespace.Create();
        using var program = TestPrograms.Return(0, ProgramType.SchedClassifier);
        network.Run(() =>
        {
            Action[] calls =
            [
                () => NetkitLink.Attach(program, new() { InterfaceIndex = 1, Side = side }).Dispose(),
                () => NetkitLink.Query(1, side),
            ];
            foreach (var call in calls)
            {
                if (BpfFeature.Netkit.IsSupported)
                    Assert.That(Assert.Throws<BpfException>(call)!.Errno, Is.EqualTo(Errno.ENXIO));
                else
                    Assert.That(Assert.Throws<FeatureNotSupportedException>(call)!.Feature, Is.SameAs(BpfFeature.Netkit));
            }
        });
    }
}
