using System.Globalization;
using System.Net.Sockets;
using Datapath.Agent.Metrics;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Masquerade;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>Flows of the eBPF engine, its ports and maps, and what its rings lost, as a host measures them.</summary>
[TestFixture]
internal sealed class MasqueradeMetricsTests
{
    [Test]
    public async Task Flows_ports_maps_and_losses_show_on_the_meter([Values] bool isIPv4)
    {
        using var lab = new NatLab();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        _ = builder.Services.AddSingleton<IMasquerade>(lab.Masquerade).AddSingleton<MeterCollector>().AddLogging().AddDatapath(static options =>
        {
            options.EnableServices = false;
            options.Node.Addresses = [];
            options.Masquerade.Enabled = true;
        });
        using var host = builder.Build();
        var collector = host.Services.GetRequiredService<MeterCollector>();
        await host.StartAsync();
        _ = await host.Services.GetRequiredService<DatapathMonitor>().WaitForAsync(static s => s.IsSynced);
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        _ = callee.TakeFrom(lab.Pod, 3000);
        _ = callee.TakeFrom(lab.Pod, 3001);
        using (var untold = lab.Ebpf.OpenMap(MasqueradeObject.Untold))
        {
            var counts = untold.AsPerCpuArray<ulong>();
            var ofLog = (uint)NatListening.ListenerCounts; // the first count of the second listener
            counts.Set(ofLog, [.. counts.Read(ofLog).Select(static _ => 1UL)]);
            var cpus = counts.Read(ofLog).Length;
            var family = isIPv4 ? "dp_flows4" : "dp_flows6";
            var use = 2.0 / new MasqueradeOptions().UsablePorts;
            Assert.That(collector.Collect().Split('\n'), Is.SupersetOf(new[]
            {
                "datapath_masquerade_flow_active 2",
                "datapath_masquerade_flow_created_total 2",
                $"datapath_map_usage{{datapath_map=\"{family}\"}} 4",
                "datapath_masquerade_event_lost_total{datapath_listener=\"watch\"} 0",
                $"datapath_masquerade_event_lost_total{{datapath_listener=\"log\"}} {cpus}",
                string.Create(CultureInfo.InvariantCulture, $"datapath_masquerade_port_utilization_ratio{{datapath_address=\"{(isIPv4 ? NatLab.Node4 : NatLab.Node6)}\",datapath_protocol=\"UDP\"}} {use:R}"),
            }));
        }

        await host.StopAsync();
    }
}
