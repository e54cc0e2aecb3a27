using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>Sandboxes of pods that are made again while no manifest changes: pod 2 is left alone by the redirect that leads to it, pod 1 is exempt.</summary>
internal sealed class PodSandboxAgentTests
{
    [Test]
    public void A_running_agent_finds_pods_again_that_were_made_again()
    {
        using var lab = new AgentLab(havePodsNames: true);
        lab.Write("service.yaml", AgentLab.Service(1, 3));
        lab.Write("pods.yaml", $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: local, namespace: default, uid: 1f-2e, labels: { app: local } }
            spec: { nodeName: node-a, containers: [{ name: a, ports: [{ name: tcp, containerPort: 8080, protocol: TCP }, { name: udp, containerPort: 8080, protocol: UDP }] }] }
            status: { phase: Running, podIP: {{PodNetwork.V4(2)}}, podIPs: [{ ip: {{PodNetwork.V4(2)}} }], conditions: [{ type: Ready, status: "True" }] }
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: client, namespace: default, uid: 3d-4c, annotations: { datapath.io/socket-lb: disabled } }
            spec: { nodeName: node-a }
            status: { phase: Running, podIP: {{PodNetwork.V4(1)}}, podIPs: [{ ip: {{PodNetwork.V4(1)}} }] }
            """);
        lab.Write("policy.yaml", """
            apiVersion: cilium.io/v2
            kind: CiliumLocalRedirectPolicy
            metadata: { name: local, namespace: default }
            spec:
              skipRedirectFromBackend: true
              redirectFrontend: { serviceMatcher: { serviceName: service-1, namespace: default } }
              redirectBackend:
                localEndpointSelector: { matchLabels: { app: local } }
                toPorts: [{ port: "8080", name: tcp, protocol: TCP }, { port: "8080", name: udp, protocol: UDP }]
            """);
        using var agent = lab.StartAgent();
        Assert.That((From(4), From(2), From(1)), Is.EqualTo(("pod2", "pod3", "ENETUNREACH")));
        lab.Lab.TakeDown(2);
        lab.Lab.MakeAgain(2);
        lab.Lab.Pods.TakeDown(1);
        lab.Lab.Pods.MakeAgain(1);
        Eventually.True(() => From(2) == "pod3", "the pod is led to itself");
        Eventually.True(() => From(1) == "ENETUNREACH", "the pod is served");
        Assert.That(agent.Stop(), Is.Zero);

        string From(int pod) => lab.Lab.Pods[pod].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()).ToString());
    }
}
