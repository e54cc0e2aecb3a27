using System.Net;
using System.Net.Sockets;
using Datapath.SampleNode;

namespace Datapath.MetadataProxy;

/// <summary>Who gets whose credentials while the proxy is there, and when it is gone.</summary>
internal sealed class Tour
{
    private readonly Transcript _transcript = new();

    public async Task<bool> RunAsync(CancellationToken stop)
    {
        foreach (var onHostNetwork in new[] { false, true })
        {
            await using var node = await MetadataNode.StartAsync(onHostNetwork, stop);
            Transcript.Heading(onHostNetwork
                ? "The proxy is on the network of its node, told from the host's processes by its cgroup"
                : "The proxy is a pod, told from its clients by its network namespace");
            await ShowAsync(node, RoleOf(MetadataNode.ClientAddress), RoleOf(MetadataNode.HostAddress), stop);

            Transcript.Heading("The proxy is gone, and the policy says on-no-backend: drop");
            await node.StopProxyAsync(stop);
            await ShowAsync(node, nameof(SocketError.ConnectionRefused), nameof(SocketError.ConnectionRefused), stop);

            Transcript.Heading("The policy says on-no-backend: fallback");
            await node.AllowFallbackAsync(stop);
            await ShowAsync(node, MetadataServer.NodeRole, MetadataServer.NodeRole, stop);
        }

        return _transcript.IsAsExpected;
    }

    private static string RoleOf(IPAddress client) => Proxy.RoleOf(client.ToString(), MetadataServer.Instance);

    private async Task ShowAsync(MetadataNode node, string client, string host, CancellationToken stop)
    {
        Report("pod checkout", await MetadataClient.AskAsync(node.ClientNetwork, stop), client);
        Report("a process of the host", await MetadataClient.AskAsync(node.HostNetwork, stop), host);
    }

    private void Report(string who, string answer, string expected) =>
        _transcript.Check(answer == expected, $"{who} asks {MetadataServer.Address} for credentials: {answer}");
}
