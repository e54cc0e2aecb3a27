using System.Reflection;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What the running kernel answers if it is asked what it has.</summary>
[TestFixture]
internal sealed class FeatureProbeTests
{
    /// <summary>Those that also depend on how a kernel was built.</summary>
    public static IReadOnlyList<BpfFeature> Optional { get; } =
    [
        BpfFeature.NetfilterLink, BpfFeature.NetfilterDefragmentation, BpfFeature.IteratorTargets, BpfFeature.ModifyReturn, BpfFeature.SecurityHooks,
        BpfFeature.CgroupSecurityHooks, BpfFeature.Netkit,
    ];

    private static readonly TestCaseData[] s_features =
    [
        .. typeof(BpfFeature).GetProperties(BindingFlags.Static | BindingFlags.Public).Where(static p => p.PropertyType == typeof(BpfFeature))
            .Select(static p => new TestCaseData(p.GetValue(null)).SetArgDisplayNames(p.Name)),
    ];

    private static readonly TestCaseData[] s_mapKinds =
    [
        .. from type in Enum.GetValues<MapType>()
           let feature = BpfFeature.Of(type)
           where feature is not null
           select new TestCaseData(type, feature).SetArgDisplayNames(type.ToString()),
    ];

    [TestCaseSource(nameof(s_mapKinds))]
    public void A_kernel_of_the_version_that_has_maps_of_a_kind_says_so(MapType type, BpfFeature feature)
    {
        if (!RunningKernel.IsAtLeast(feature.MinimumKernel))
            Assert.Ignore($"{feature.Name} need Linux {feature.MinimumKernel}");
        var answer = feature.Probe();

        // Those need a kernel with BPF_LSM, AF_XDP, a verdict for sockets.
        if (answer is not true && type is MapType.InodeStorage or MapType.XskMap or MapType.SockMap or MapType.SockHash)
            Assert.Ignore($"this kernel is built without {feature.Name}");
        Assert.That(answer, Is.True);
    }

    [TestCaseSource(nameof(s_features))]
    public void A_kernel_of_the_version_that_has_it_says_so(BpfFeature feature)
    {
        if (!RunningKernel.IsAtLeast(feature.MinimumKernel))
            Assert.Ignore($"{feature.Name} need Linux {feature.MinimumKernel}");
        var answer = feature.Probe();
        if (answer is not true && Optional.Contains(feature))
            Assert.Ignore($"this kernel is built without {feature.Name}");
        Assert.That(answer, Is.True);
    }
}
