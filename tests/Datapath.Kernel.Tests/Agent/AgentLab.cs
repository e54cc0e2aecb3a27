using System.Net;
using System.Text.Json;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>A lab without a datapath in this process, and what an agent needs to serve it: a configuration and a folder of manifests.</summary>
internal sealed class AgentLab : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("datapath-agent-tests-").FullName;

    public AgentLab(string lifetime = "pinned", bool havePodsNames = false)
    {
        Lab = new(servers: 3, static options => options, havePodsNames);
        Lab.Datapath.Dispose();
        Manifests = Directory.CreateDirectory(Path.Combine(_home, "manifests")).FullName;
        Config = Path.Combine(_home, "agent.json");
        File.WriteAllText(
            Config,
            $$"""
            { "cgroupRoot": "{{Lab.CgroupPath}}", "bpfRoot": "{{BpfRoot}}", "lifetime": "{{lifetime}}", "maxFrontends": 1024, "maxSlots": 16384,
              "node": { "name": "node-a" } }
            """);
    }

    /// <summary>The pods and their servers.</summary>
    public ServiceLab Lab { get; }

    public string BpfRoot => Lab.Pins.Path;

    public string Manifests { get; }

    public string Config { get; }

    /// <summary>A lab with manifests of service 1, which has two pods, and service 2, which has none.</summary>
    public static AgentLab WithTwoServices()
    {
        var lab = new AgentLab();
        lab.Write("one.yaml", Service(1, 2, 3));
        lab.Write("two.yaml", Service(2));
        return lab;
    }

    /// <summary>A service of both families and both protocols, as its manifests.</summary>
    public static string Service(int number, params int[] pods) => $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: service-{{number}}, namespace: default }
        spec:
          clusterIP: {{ServiceLab.ServiceV4(number)}}
          clusterIPs: ["{{ServiceLab.ServiceV4(number)}}", "{{ServiceLab.ServiceV6(number)}}"]
          ipFamilies: [IPv4, IPv6]
          ports: [{ name: tcp, port: 80, protocol: TCP }, { name: udp, port: 80, protocol: UDP }]
        ---
        {{Slice(number, "IPv4", pods.Select(PodNetwork.V4))}}
        ---
        {{Slice(number, "IPv6", pods.Select(PodNetwork.V6))}}

        """;

    /// <summary>Replaces a manifest in one step.</summary>
    public void Write(string name, string text)
    {
        var temporary = Path.Combine(_home, name);
        File.WriteAllText(temporary, text);
        File.Move(temporary, Path.Combine(Manifests, name), overwrite: true);
    }

    public void Remove(string name) => File.Delete(Path.Combine(Manifests, name));

    /// <summary>Starts the agent and waits until the manifests are in force.</summary>
    public AgentProcess StartAgent()
    {
        var agent = AgentProcess.Start("run", "--config", Config, "--manifests", Manifests);
        try
        {
            agent.WaitFor("Synced ");
            return agent;
        }
        catch
        {
            agent.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command that takes the configuration.</summary>
    public AgentRun Run(params string[] command) => AgentProcess.Run([.. command, "--config", Config]);

    /// <summary>Runs a command that prints JSON, and insists on its exit code.</summary>
    public JsonElement Json(int exitCode, params string[] command)
    {
        var run = Run([.. command, "-o", "json"]);
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Errors);
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }

    /// <summary>The identifiers in the kernel, by frontend.</summary>
    public Dictionary<string, uint> Ids() =>
        Json(0, "lb", "list").EnumerateArray().ToDictionary(static f => f.GetProperty("frontend").GetString()!, static f => f.GetProperty("id").GetUInt32());

    /// <summary>The sockets at which agents of this lab answer, or did.</summary>
    public string[] Sockets() => Directory.Exists("/run/datapath") ? Directory.GetFiles("/run/datapath", $"{Path.GetFileName(BpfRoot)}-*.sock") : [];

    /// <summary>Dials from the client pod, and tells who answered or what failed.</summary>
    public string Dial(Func<Answer> dial) => Lab.Pods[1].Run(() => dial().ToString());

    public string DialTcp(int service = 1) => Dial(() => Kernel.Tests.Lab.Dial.Tcp(ServiceLab.ServiceV4(service)));

    /// <summary>Dials without a pause over both families and protocols.</summary>
    public Dialers DialOn(int service = 1) => new(
        Lab,
        () => Kernel.Tests.Lab.Dial.Tcp(ServiceLab.ServiceV4(service)),
        () => Kernel.Tests.Lab.Dial.Tcp(ServiceLab.ServiceV6(service)),
        () => Kernel.Tests.Lab.Dial.Udp(ServiceLab.ServiceV4(service)));

    public void Dispose()
    {
        Lab.Dispose();
        foreach (var socket in Sockets())
            File.Delete(socket); // of an agent that was killed
        Directory.Delete(_home, recursive: true);
    }

    private static string Slice(int number, string family, IEnumerable<IPAddress> addresses) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: service-{{number}}-{{family.ToLowerInvariant()}}, namespace: default, labels: { kubernetes.io/service-name: service-{{number}} } }
        addressType: {{family}}
        ports: [{ name: tcp, port: 8080, protocol: TCP }, { name: udp, port: 8080, protocol: UDP }]
        endpoints: [{{string.Join(", ", addresses.Select(static a => $$"""{ addresses: ["{{a}}"], nodeName: node-a, conditions: { ready: true } }"""))}}]
        """;
}
