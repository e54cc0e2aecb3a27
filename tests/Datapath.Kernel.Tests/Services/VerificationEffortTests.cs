using Datapath.BpfObjects;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>The programs of services are verified without looking at the same again and again.</summary>
[TestFixture]
[MinimumKernel("5.16", "the number of verified instructions")]
internal sealed class VerificationEffortTests
{
    [Test]
    public void Hooks()
    {
        // Everything that options can add.
        var options = new LinuxDatapathOptions
        {
            Lifetime = DatapathLifetime.Process,
            ConnectFallback = TimeSpan.FromSeconds(1),
            AffinityByCgroup = true,
            HostNamespaceOnly = true,
            MaxFrontends = 64,
            MaxSlots = 64,
        };
        using var loaded = BpfObject.Load(SocketLbSpec.Make(options, hostCookie: 1));
        VerificationEffort.AssertAtMost(loaded, programs: 10, mostOfOne: 14_000, mostOfAll: 58_000);
    }

    [Test]
    public void Stale_sockets()
    {
        var spec = SocketLbObjects.OfPackage.StaleSockets();
        spec.DataSections[StaleSocketsObject.Knobs].Set(StaleSocketsObject.IsOnlyListed, (byte)(StaleSocketPrograms.CanEndSockets ? 0 : 1));
        using var loaded = BpfObject.Load(spec);
        VerificationEffort.AssertAtMost(loaded, programs: 4, mostOfOne: 2_000, mostOfAll: 5_000);
    }

    [Test]
    public void Connections_that_fail()
    {
        using var loaded = BpfObject.Load(SocketLbObjects.OfPackage.ConnectFallback());
        VerificationEffort.AssertAtMost(loaded, programs: 1, mostOfOne: 530, mostOfAll: 530);
    }
}
