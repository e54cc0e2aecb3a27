using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>The configuration of an agent that masquerades what pods of a <see cref="NatLab"/> send, in a folder of its own.</summary>
internal sealed class NatAgentLab : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("datapath-agent-tests-");
    private readonly string _engine;

    /// <param name="engine">The engine that it begins with.</param>
    /// <param name="more">Further keys of masquerading, as JSON.</param>
    public NatAgentLab(string engine, string more = "")
    {
        _engine = engine;
        Lab.Masquerade.Dispose(); // the agent has its own
        _ = Directory.CreateDirectory(Manifests);
        File.WriteAllText(Path.Combine(Manifests, "pod.yaml"), $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: web, namespace: shop }
            spec: { nodeName: node-a }
            status: { phase: Running, podIP: {{NatLab.Pod4}}, podIPs: [{ ip: {{NatLab.Pod4}} }, { ip: "{{NatLab.Pod6}}" }] }
            """);
        _ = File.CreateSymbolicLink(HostNetwork, $"/proc/{Environment.ProcessId}/fd/{Lab.Node.Handle.DangerousGetHandle()}");
        Configure(engine, more);
    }

    public NatLab Lab { get; } = new();

    public string Config => At("agent.json");

    public string BpfRoot => $"/sys/fs/bpf/datapath-test-{Environment.ProcessId}-nat-{_engine}";

    /// <summary>The path of the node's network namespace.</summary>
    public string HostNetwork => At("host");

    private string Manifests => At("manifests");

    /// <summary>A path in the folder.</summary>
    public string At(string name) => Path.Combine(_folder.FullName, name);

    public void Configure(string engine, string more = "", string lifetime = "pinned") => File.WriteAllText(Config, $$"""
        {
          "bpfRoot": "{{BpfRoot}}", "lifetime": "{{lifetime}}", "services": { "enabled": false }, "hostNetworkNamespace": "{{HostNetwork}}",
          "node": { "name": "node-a", "addresses": ["{{NatLab.Node4}}", "{{NatLab.Node6}}"] },
          "masquerade": { "enabled": true, "engine": "{{engine}}", "devices": ["eth0"] {{more}} }
        }
        """);

    /// <summary>Starts an agent, and waits until it masquerades.</summary>
    public AgentProcess Start()
    {
        var agent = AgentProcess.Start("run", "--config", Config, "--manifests", Manifests);
        agent.WaitFor("Synced ");
        return agent;
    }

    /// <summary>Runs another command with the same configuration.</summary>
    public AgentRun Run(params string[] command) => AgentProcess.Run([.. command, "--config", Config]);

    /// <summary>The node's network namespace goes, with all that is in it but what is pinned.</summary>
    public void LoseNode()
    {
        File.Delete(HostNetwork);
        Lab.Dispose();
    }

    public void Dispose()
    {
        Assert.That(Run("uninstall").ExitCode, Is.Zero);
        Assert.That(Directory.Exists($"{BpfRoot}-masquerade"), Is.False);
        Lab.Dispose();
        _folder.Delete(recursive: true);
    }
}
