namespace Datapath.Policy.Tests.Manifests;

/// <summary>Texts of manifests.</summary>
internal static class Manifest
{
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
