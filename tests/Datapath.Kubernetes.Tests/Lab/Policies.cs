namespace Datapath.Kubernetes.Tests.Lab;

/// <summary>Redirect policies, as JSON.</summary>
internal static class Policies
{
    public static string Cluster(string name, string address = "169.254.20.10") => $$"""
        {
          "apiVersion": "datapath.io/v1alpha1", "kind": "ClusterLocalRedirectPolicy", "metadata": { "name": "{{name}}" },
          "spec": {
            "frontends": [{ "addresses": ["{{address}}"], "ports": [{ "port": 53, "protocol": "UDP" }] }],
            "backend": { "namespace": "kube-system", "selector": { "matchLabels": { "k8s-app": "dns" } }, "ports": [{ "port": 53, "protocol": "UDP" }] }
          }
        }
        """;

    public static string Cilium(string name, string port = "80") => $$"""
        {
          "apiVersion": "cilium.io/v2", "kind": "CiliumLocalRedirectPolicy", "metadata": { "name": "{{name}}", "namespace": "default" },
          "spec": {
            "redirectFrontend": { "addressMatcher": { "ip": "169.254.169.254", "toPorts": [{ "port": "{{port}}", "protocol": "TCP" }] } },
            "redirectBackend": { "localEndpointSelector": { "matchLabels": { "app": "proxy" } }, "toPorts": [{ "port": "8080", "protocol": "TCP" }] }
          }
        }
        """;
}
