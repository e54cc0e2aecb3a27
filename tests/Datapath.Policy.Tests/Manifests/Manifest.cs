namespace Datapath.Policy.Tests.Manifests;

/// <summary>Texts of manifests.</summary>
internal static class Manifest
{
    /// <summary>A service that uses every field that is read.</summary>
    public const string WholeService =
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          labels: {app: web}
          annotations:
            service.cilium.io/type: LoadBalancer
            service.cilium.io/node: edge
            service.cilium.io/node-selector: "rack in (a, b),!spare,disk!=slow"
            service.cilium.io/lb-algorithm: maglev
            service.cilium.io/forwarding-mode: dsr
            service.cilium.io/src-ranges-policy: deny
            service.cilium.io/proxy-delegation: delegate-if-local
            service.kubernetes.io/topology-mode: Auto
            datapath.io/stale-tcp: never
        spec:
          type: LoadBalancer
          clusterIP: 10.96.0.1
          clusterIPs: [10.96.0.1, "fd00::1"]
          ipFamilies: [IPv4, IPv6]
          externalIPs: [192.0.2.7, "2001:db8::7"]
          loadBalancerSourceRanges: [192.0.2.0/24, " 2001:db8::/32 "]
          loadBalancerClass: io.cilium/l2-announcer
          externalTrafficPolicy: Local
          internalTrafficPolicy: Cluster
          healthCheckNodePort: 32000
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 60} }
          trafficDistribution: PreferSameNode
          publishNotReadyAddresses: true
          ports:
          - {name: http, port: 80, targetPort: web, nodePort: 30080, appProtocol: kubernetes.io/h2c}
          - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
        status:
          loadBalancer:
            ingress:
            - ip: 192.0.2.10
            - {ip: 192.0.2.11, ipMode: Proxy}
            - hostname: lb.example.com

        """;

    /// <summary>An endpoint slice that uses every field that is read.</summary>
    public const string WholeSlice =
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: web-1
          labels: {kubernetes.io/service-name: web}
          annotations: {service.cilium.io/weight: "30"}
        addressType: IPv4
        ports:
        - {name: http, port: 8080, protocol: TCP}
        endpoints:
        - addresses: [10.0.0.1]
          conditions: {ready: false, serving: true, terminating: true}
          nodeName: node-a
          zone: eu-1
          hints:
            forZones: [{name: eu-1}, {name: eu-2}]
            forNodes: [{name: node-a}]
        - addresses: [10.0.0.2]

        """;

    /// <summary>A pod that uses every field that is read.</summary>
    public const string Pod =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: proxy-1
          namespace: infra
          uid: 0f6e1b1e
          labels: {app: proxy}
          creationTimestamp: "2024-05-01T10:00:00Z"
          deletionTimestamp: "2024-05-02T10:00:00Z"
        spec:
          nodeName: node-a
          hostNetwork: true
          containers:
          - name: proxy
            image: proxy:1
            ports:
            - {name: http, containerPort: 8080, hostPort: 80, hostIP: 192.0.2.1}
            - {containerPort: 53, protocol: UDP}
          initContainers:
          - name: mesh
            restartPolicy: Always
            ports: [{containerPort: 15001}]
          - name: setup
        status:
          phase: Running
          podIP: 10.0.0.1
          podIPs: [{ip: 10.0.0.1}, {ip: "fd00::a"}]
          conditions:
          - {type: Initialized}
          - {type: Ready, status: "True"}

        """;

    public const string Node =
        """
        apiVersion: v1
        kind: Node
        metadata:
          name: node-a
          labels: {topology.kubernetes.io/zone: eu-1}
        spec:
          podCIDR: 10.244.1.0/24
          podCIDRs: [10.244.1.0/24, "fd00:1::/64"]
        status:
          addresses:
          - {type: InternalIP, address: 192.0.2.1}
          - {type: Hostname, address: node-a}

        """;

    /// <summary>A policy of Cilium that uses every field but the other matcher.</summary>
    public const string CiliumPolicy =
        """
        apiVersion: cilium.io/v2
        kind: CiliumLocalRedirectPolicy
        metadata:
          name: dns
          namespace: kube-system
          annotations: {datapath.io/on-no-backend: drop}
        spec:
          description: Node-local DNS
          skipRedirectFromBackend: true
          redirectFrontend:
            serviceMatcher:
              serviceName: kube-dns
              namespace: kube-system
              toPorts:
              - {name: DNS, port: "53", protocol: UDP}
              - {name: dns-tcp, port: "53", protocol: TCP}
          redirectBackend:
            localEndpointSelector:
              matchLabels: {k8s-app: node-local-dns}
              matchExpressions:
              - {key: tier, operator: In, values: [a, b]}
              - {key: canary, operator: DoesNotExist}
            toPorts:
            - {name: dns, port: "1053", protocol: UDP}
            - {name: dns-tcp, port: "1053", protocol: TCP}

        """;

    /// <summary>A clusterwide policy that uses every field.</summary>
    public const string ClusterPolicy =
        """
        apiVersion: datapath.io/v1alpha1
        kind: ClusterLocalRedirectPolicy
        metadata:
          name: metadata-proxy
        spec:
          description: Instance metadata only through the proxy of the node
          priority: 100
          frontends:
          - addresses: [169.254.169.254, 169.254.170.0/24, "fd00:ec2::254"]
            ports:
            - {port: 80, backendPort: Web}
            - {port: 8000, endPort: 8010, backendPort: web}
          - service: {namespace: kube-system, name: kube-dns}
            ports:
            - {port: 53, protocol: UDP}
          backend:
            namespace: infra
            selector:
              matchLabels: {app: metadata-proxy}
            ports:
            - {name: web, port: 8181}
            - {name: admin, port: 8182}
            - {name: dns, port: 1053, protocol: UDP}
            backendAddress: 169.254.169.252
          clientSelector:
            include:
            - namespaces: {matchLabels: {tenant: "yes"} }
            - pods: {matchExpressions: [{key: metadata, operator: Exists}]}
            exclude:
            - hostProcesses: true
            - namespaces: {matchLabels: {kubernetes.io/metadata.name: kube-system} }
              pods: {matchLabels: {app: agent} }
          onNoBackend: drop
          skipRedirectFromBackend: true

        """;

    /// <summary>A manifest of each kind that uses what can be used.</summary>
    public static string[] OfEveryKind { get; } =
    [
        WholeService, WholeSlice, Pod, Node, CiliumPolicy, ClusterPolicy,
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: infra, labels: {team: x} }\n",
    ];

    public static ManifestContent Read(string text) => ManifestReader.Read(text, "test.yaml");

    /// <summary>A service of eight lines.</summary>
    public static string Service(string name, string port = "80") =>
        $"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
        spec:
          clusterIP: 10.96.0.1
          ports:
          - port: {port}

        """;

    /// <summary>An endpoint slice of nine lines.</summary>
    public static string Slice(string addressType, string address, string port = "80") =>
        $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: s, labels: {kubernetes.io/service-name: web} }
        addressType: {{addressType}}
        ports:
        - port: {{port}}
        endpoints:
        - addresses:
          - {{address}}

        """;

    /// <summary>The problems without file, line and object.</summary>
    public static string[] Problems(this ManifestContent content) =>
    [
        .. content.Diagnostics.Where(diagnostic => diagnostic.Severity is not DiagnosticSeverity.Debug)
            .Select(diagnostic => (diagnostic with { File = "", Line = 0, Kind = null }).ToString()),
    ];
}
