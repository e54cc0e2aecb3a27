using System.Net;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.SampleNode;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.MasqueradeSample;

/// <summary>A host that masquerades what leaves a node, and does nothing else.</summary>
internal sealed class MasqueradingNode : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private readonly IHost _host;

    private MasqueradingNode(LabNode node, string? agentFile)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        _ = builder.Services.AddDatapath(options =>
        {
            options.EnableServices = false;
            options.Lifetime = DatapathLifetime.Process;
            options.HostNetworkNamespace = node.Path;
            options.Node.Name = node.Name;
            options.Node.Addresses = [node.Address.IPv4, node.Address.IPv6];
            options.Masquerade.Enabled = true;
            options.Masquerade.Devices.Add("eth+");
            foreach (var range in node.Pods)
                options.Masquerade.PodCidrs.Add(range);
            if (agentFile is null)
            {
                options.Masquerade.IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/16");
                options.Masquerade.IPv6NativeRoutingCidr = IPNetwork.Parse("fd00::/46");
                return;
            }

            options.Masquerade.UsesAgentFile = true;
            options.Masquerade.AgentFile = agentFile;
        });
        _host = builder.Build();
    }

    /// <summary>Starts it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="agentFile">The file of the ip-masq-agent; <see langword="null"/>: there is a native-routing range instead.</param>
    /// <param name="stop">Ends the start.</param>
    public static async Task<MasqueradingNode> StartAsync(LabNode node, string? agentFile, CancellationToken stop)
    {
        var started = new MasqueradingNode(node, agentFile);
        try
        {
            await started._host.StartAsync(stop);
            await started.UntilAsync("the rules are in force", static state => true, stop);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for rules.</summary>
    /// <param name="what">What is expected of them, for people.</param>
    /// <param name="condition">The same.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task UntilAsync(string what, Func<MasqueradeState, bool> condition, CancellationToken stop)
    {
        var monitor = _host.Services.GetRequiredService<DatapathMonitor>();
        try
        {
            _ = await monitor.WaitForAsync(s => s.Masquerade is { Failure: null, State: { } state } && condition(state), stop).WaitAsync(s_patience, stop);
        }
        catch (TimeoutException)
        {
            var diagnostics = monitor.Current.Masquerade?.Diagnostics.Select(static d => d.ToString()) ?? [];
            throw new SampleException($"expected that {what}; after {s_patience.TotalSeconds:0} s it is not so: {monitor.Current.Masquerade?.Failure} {string.Join("; ", diagnostics)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
