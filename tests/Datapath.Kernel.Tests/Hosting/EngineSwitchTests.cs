using System.Net.Sockets;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;
using Datapath.Linux.Netlink;
using Microsoft.Extensions.Logging.Abstractions;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>From one engine to the other, with rules that come late, as those of a cluster do.</summary>
[LoadTest]
internal sealed class EngineSwitchTests
{
    [Test]
    public void The_engine_before_translates_until_the_rules_of_the_next_are_in_force([Values] MasqueradeEngine before, [Values] bool isIPv4)
    {
        using var lab = new NatLab();
        lab.Masquerade.Dispose();
        lab.RouteBack(); // what is not translated would get its answer
        using var pins = new TestPins();
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        var node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
        using var callee = new Callee(lab.Router, outside, ProtocolType.Udp);
        using (var first = Open(before))
            first.Apply(NatLab.Rules());

        using var next = Open(before is MasqueradeEngine.Ebpf ? MasqueradeEngine.Nftables : MasqueradeEngine.Ebpf);
        Assert.That(callee.TakeFrom(lab.Pod, 3000).Address, Is.EqualTo(node), "before its rules");
        next.Apply(NatLab.Rules());
        Assert.That(callee.TakeFrom(lab.Pod, 3001).Address, Is.EqualTo(node), "by its rules");
        using var tables = lab.Node.Run(static () => new NftNetlink());
        Assert.That(
            (tables.ListTables().Contains(NftablesMasqueradeOptions.DefaultTable), Directory.Exists(Pins())),
            Is.EqualTo((before is MasqueradeEngine.Ebpf, before is MasqueradeEngine.Nftables)),
            "the engine before is gone");
        next.Dispose();
        _ = lab.Node.Run(() => NftablesMasquerade.Uninstall(NftablesMasqueradeOptions.DefaultTable, MasqueradeOwner.Of(Pins())));
        _ = lab.Node.Run(() => LinuxMasquerade.Uninstall(Pins()));

        string Pins() => $"{pins.Path}-masquerade";

        IMasquerade Open(MasqueradeEngine engine)
        {
            var options = new DatapathOptions { BpfRoot = pins.Path, HostNetworkNamespace = $"/proc/self/fd/{lab.Node.Handle.DangerousGetHandle()}" };
            options.Masquerade.Engine = engine;
            options.Masquerade.Devices.Add("eth0");
            return MasqueradeEngines.Open(options, NullLogger.Instance);
        }
    }
}
