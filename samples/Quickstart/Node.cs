using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.SampleNode;

namespace Datapath.Quickstart;

/// <summary>A node with three pods and a client.</summary>
internal sealed class Node : IDisposable
{
    private readonly NodeNetwork _network = new("quickstart");
    private readonly List<WebPod> _pods = [];

    public Node()
    {
        try
        {
            Client = _network.Join("client", IPAddress.Parse("10.244.0.2"), IPAddress.Parse("fd10:44::2"));
            AddPod("red", 11);
            AddPod("green", 12);
            AddPod("blue", 13);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Client { get; } = null!;

    public WebPod[] Pods => [.. _pods];

    public void Dispose()
    {
        foreach (var pod in _pods)
            pod.Dispose();
        _network.Dispose();
    }

    private void AddPod(string name, int number)
    {
        var (v4, v6) = (IPAddress.Parse($"10.244.0.{number}"), IPAddress.Parse($"fd10:44::{number}"));
        _pods.Add(new(_network.Join(name, v4, v6), name, v4, v6));
    }
}
