namespace Datapath.Quickstart;

/// <summary>The objects, as kubectl would print them.</summary>
internal static class Manifests
{
    public const string NodeName = "quickstart";
    public const string V4 = "10.96.0.10";
    public const string V6 = "fd10:96::10";
    public const int HttpPort = 80;
    public const int UdpPort = 53;

    public const string Service = $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: default
        spec:
          type: ClusterIP
          clusterIP: {V4}
          clusterIPs: ["{V4}", "{V6}"]
          ipFamilies: [IPv4, IPv6]
          ports:
          - name: http
            port: 80
            protocol: TCP
          - name: names
            port: 53
            protocol: UDP
        """;

    /// <summary>The endpoint slices of both families.</summary>
    public static string Slices(IReadOnlyList<WebPod> pods) => $"""
        apiVersion: v1
        kind: List
        items:
        {Slice("IPv4", pods.Select(static p => p.V4.ToString()))}
        {Slice("IPv6", pods.Select(static p => p.V6.ToString()))}
        """;

    /// <summary>What the node knows of a pod that runs on it.</summary>
    public static string LocalPod(WebPod pod, bool isReady) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: {{pod.Name}}, namespace: default, labels: { app: web-on-node } }
        spec: { nodeName: {{NodeName}}, containers: [{ name: web, ports: [{ name: http, containerPort: {{WebPod.HttpPort}} }, { name: names, containerPort: {{WebPod.UdpPort}}, protocol: UDP }] }] }
        status:
          phase: Running
          podIPs: [{ ip: {{pod.V4}} }, { ip: "{{pod.V6}}" }]
          conditions: [{ type: Ready, status: "{{isReady}}" }]
        """;

    /// <summary>Dials to the service go to the pod on the node of the client.</summary>
    public const string Redirect = """
        apiVersion: cilium.io/v2
        kind: CiliumLocalRedirectPolicy
        metadata: { name: stay-on-node, namespace: default }
        spec:
          redirectFrontend: { serviceMatcher: { serviceName: web, namespace: default } }
          redirectBackend:
            localEndpointSelector: { matchLabels: { app: web-on-node } }
            toPorts: [{ port: "8080", protocol: TCP, name: http }, { port: "5353", protocol: UDP, name: names }]
        """;

    private static string Slice(string family, IEnumerable<string> addresses) => $$"""
        - apiVersion: discovery.k8s.io/v1
          kind: EndpointSlice
          metadata: { name: web-{{family.ToLowerInvariant()}}, namespace: default, labels: { kubernetes.io/service-name: web } }
          addressType: {{family}}
          ports: [{ name: http, port: {{WebPod.HttpPort}}, protocol: TCP }, { name: names, port: {{WebPod.UdpPort}}, protocol: UDP }]
          endpoints: [{{string.Join(", ", addresses.Select(static a => $$"""{ addresses: ["{{a}}"], conditions: { ready: true } }"""))}}]
        """;
}
