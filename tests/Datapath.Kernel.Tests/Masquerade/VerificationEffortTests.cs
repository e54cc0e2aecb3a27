using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>The programs of egress NAT are verified without looking at the same again and again.</summary>
[TestFixture]
[MinimumKernel("5.18", "egress NAT by eBPF")]
internal sealed class VerificationEffortTests
{
    // Everything that options can add.
    private static readonly LinuxMasqueradeOptions s_options = new()
    {
        Devices = ["lo"],
        Lifetime = DatapathLifetime.Process,
        PortMapping = PortMapping.EndpointIndependent,
        Untranslatable = UntranslatableProtocols.TranslateAddress,
        MaxFlows = 64,
    };

    [Test]
    public void Devices()
    {
        using var loaded = BpfObject.Load(MasqueradeSpec.Make(s_options));
        VerificationEffort.AssertAtMost(loaded, programs: 3, mostOfOne: 23_400, mostOfAll: 46_400);
    }

    [Test]
    public void Ends_of_flows()
    {
        using var loaded = BpfObject.Load(MasqueradeSpec.MakeSweep(s_options));
        VerificationEffort.AssertAtMost(loaded, programs: 2, mostOfOne: 3_600, mostOfAll: 6_200);
    }
}
