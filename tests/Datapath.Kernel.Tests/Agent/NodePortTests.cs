namespace Datapath.Kernel.Tests.Agent;

/// <summary>What the agent tells of node ports.</summary>
[TestFixture]
internal sealed class NodePortTests
{
    // With a policy of its own for traffic from outside each port has two scopes, of which the node's programs have one.
    [TestCase("Cluster")]
    [TestCase("Local")]
    public void A_node_port_is_listed_once_at_each_address_of_the_node(string externalTrafficPolicy)
    {
        using var lab = new AgentLab();
        File.WriteAllText(lab.Config, File.ReadAllText(lab.Config).Replace(
            "\"name\": \"node-a\"", "\"name\": \"node-a\", \"addresses\": [\"192.0.2.1\", \"192.0.2.2\", \"169.254.1.1\"]", StringComparison.Ordinal));
        lab.Write("one.yaml", AgentLab.Service(1, 2)
            .Replace("ipFamilies: [IPv4, IPv6]", $"type: NodePort\n  externalTrafficPolicy: {externalTrafficPolicy}", StringComparison.Ordinal)
            .Replace("port: 80, protocol: TCP", "port: 80, nodePort: 30080, protocol: TCP", StringComparison.Ordinal));
        using var agent = lab.StartAgent();
        var frontends = lab.Json(0, "service", "list")[0].GetProperty("frontends").EnumerateArray()
            .Where(static f => f.GetProperty("type").GetString() == "NodePort" && f.GetProperty("frontend").GetString()!.Contains('.', StringComparison.Ordinal))
            .ToDictionary(static f => f.GetProperty("frontend").GetString()!, static f => f.GetProperty("id").GetUInt32());
        Assert.That(frontends.Keys, Is.EqualTo(new[] { "192.0.2.1:30080/TCP", "192.0.2.2:30080/TCP" }));
        Assert.That(frontends, Is.SubsetOf(lab.Ids()));
    }
}
