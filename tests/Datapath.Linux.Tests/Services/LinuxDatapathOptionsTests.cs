using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>Options that make no sense are refused before the kernel is asked for anything.</summary>
public class LinuxDatapathOptionsTests
{
    private static TestCaseData Case(LinuxDatapathOptions options, string message) => new TestCaseData(options, message).SetArgDisplayNames(message);

    private static IEnumerable<TestCaseData> Nonsense() =>
    [
        Case(new() { Lifetime = (DatapathLifetime)7 }, "must be one of Pinned, Process (Parameter 'options.Lifetime')"),
        Case(new() { NoBackend = (NoBackendReply)7 }, "must be one of Refuse, Unreachable (Parameter 'options.NoBackend')"),
        Case(new() { StaleTcp = (StaleTcpPolicy)7 }, "must be one of WhenBackendIsGone, Always, Never (Parameter 'options.StaleTcp')"),
        Case(new() { BpfRoot = null! }, "'' must be an absolute path (Parameter 'options.BpfRoot')"),
        Case(new() { BpfRoot = "datapath" }, "'datapath' must be an absolute path (Parameter 'options.BpfRoot')"),
        Case(new() { CgroupRoot = "" }, "'' must be an absolute path (Parameter 'options.CgroupRoot')"),
        Case(new() { HostNetworkNamespace = "" }, "'' must be an absolute path (Parameter 'options.HostNetworkNamespace')"),
        Case(new() { ExemptCgroups = default }, "must be a list; an empty one for none (Parameter 'options.ExemptCgroups')"),
        Case(new() { ExemptCgroups = ["/a", null!] }, "must not be null (Parameter 'options.ExemptCgroups[1]')"),
        Case(new() { ExemptNetworkNamespaces = ["netns"] }, "'netns' must be an absolute path (Parameter 'options.ExemptNetworkNamespaces[0]')"),
        Case(new() { MaxFrontends = 0 }, "(Parameter 'options.MaxFrontends')"),
        Case(new() { MaxFrontends = (1 << 24) + 1 }, "(Parameter 'options.MaxFrontends')"),
        Case(new() { MaxSlots = 63 }, "(Parameter 'options.MaxSlots')"),
        Case(new() { MaxStickyClients = 0 }, "(Parameter 'options.MaxStickyClients')"),
        Case(new() { ConnectFallback = TimeSpan.FromDays(2) }, "(Parameter 'options.ConnectFallback')"),
        Case(new() { TraceBufferSize = 5000 }, "TraceBufferSize must be a power of two, 4096 to 536870912"),
    ];

    [TestCaseSource(nameof(Nonsense))]
    public void An_option_that_makes_no_sense_is_refused_by_its_name(LinuxDatapathOptions options, string message) =>
        Assert.That(() => LinuxDatapath.Open(options), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));

    [Test]
    public void Those_of_masquerading_are_refused_by_their_names_too()
    {
        (LinuxMasqueradeOptions Options, string Message)[] ebpf =
        [
            (new() { Lifetime = (DatapathLifetime)7 }, "must be one of Pinned, Process (Parameter 'options.Lifetime')"),
            (new() { Untranslatable = (UntranslatableProtocols)7 }, "(Parameter 'options.Untranslatable')"),
            (new() { PortMapping = (PortMapping)7 }, "(Parameter 'options.PortMapping')"),
            (new() { BpfRoot = "masquerade" }, "'masquerade' must be an absolute path (Parameter 'options.BpfRoot')"),
            (new() { Devices = [null!] }, "must not be null (Parameter 'options.Devices[0]')"),
            (new() { NodeAddresses = default }, "must be a list; an empty one for none (Parameter 'options.NodeAddresses')"),
            (new() { ReservedPorts = default }, "must be a list; an empty one for none (Parameter 'options.ReservedPorts')"),
        ];
        foreach (var (options, message) in ebpf)
            Assert.That(() => LinuxMasquerade.Open(options), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));
        (NftablesMasqueradeOptions Options, string Message)[] nftables =
        [
            (new() { Lifetime = (DatapathLifetime)7 }, "must be one of Pinned, Process (Parameter 'options.Lifetime')"),
            (new() { Devices = default }, "must be a list; an empty one for none (Parameter 'options.Devices')"),
            (new() { NodeAddresses = [null!] }, "must not be null (Parameter 'options.NodeAddresses[0]')"),
            (new() { PreviousBpfRoot = "" }, "'' must be an absolute path (Parameter 'options.PreviousBpfRoot')"),
        ];
        foreach (var (options, message) in nftables)
            Assert.That(() => NftablesMasquerade.Open(options), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));
    }

    [Test]
    public void What_is_the_default_makes_sense() => Assert.That(static () => LinuxDatapathOptionsCheck.ThrowIfInvalid(new()), Throws.Nothing);
}
