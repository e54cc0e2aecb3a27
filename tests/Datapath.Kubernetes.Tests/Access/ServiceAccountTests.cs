using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Kubernetes.Tests.Access;

internal sealed class ServiceAccountTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private (ClusterAccess? Access, string[] Errors) Read(string? host, string? port, string? server = null)
    {
        var errors = new List<string>();
        var options = new KubernetesOptions
        {
            ServiceAccountFolder = _folder.Path,
            Server = server,
            Variables = name => name switch { "KUBERNETES_SERVICE_HOST" => host, "KUBERNETES_SERVICE_PORT" => port, _ => null },
        };
        return (ClusterAccessReader.Read(options, TimeProvider.System, errors), [.. errors.Select(error => error.Replace(_folder.Path, "", StringComparison.Ordinal))]);
    }

    [TestCase("10.96.0.1", "443", null, "https://10.96.0.1/")]
    [TestCase("fd00::1", "6443", null, "https://[fd00::1]:6443/")]
    [TestCase("kubernetes.default.svc", "443", null, "https://kubernetes.default.svc/")]
    [TestCase("10.96.0.1", "443", "https://192.0.2.1:6443", "https://192.0.2.1:6443/")]
    [TestCase(null, null, "https://192.0.2.1:6443", "https://192.0.2.1:6443/")]
    public void A_pod_finds_its_cluster(string? host, string? port, string? server, string expected)
    {
        _folder.Write("token", "a");
        var (access, errors) = Read(host, port, server);
        Assert.That(errors, Is.Empty);
        Assert.That(access!.Server.ToString(), Is.EqualTo(expected));
    }

    [Test]
    public void Elsewhere_it_is_told_what_to_set()
    {
        Assert.That(Read("10.96.0.1", "443").Errors, Is.EqualTo(new[] { "kubernetes:kubeconfig: must be set: '/token' does not exist, so this is no pod with a service account" }));
        _folder.Write("token", "a");
        Assert.That(Read(null, "443").Errors, Is.EqualTo(new[] { "kubernetes:server: must be set: the environment has no KUBERNETES_SERVICE_HOST with KUBERNETES_SERVICE_PORT" }));
    }

    [Test]
    public void A_line_is_enough_for_a_host_in_a_pod()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddDatapath(builder.Configuration.GetSection("Datapath")).AddKubernetes();
        builder.Services.Configure<DatapathOptions>(options =>
        {
            options.Kubernetes.ServiceAccountFolder = _folder.Path;
            options.Kubernetes.Server = "https://192.0.2.1:6443";
        });
        _folder.Write("token", "a");
        using var host = builder.Build();
        Assert.That(host.Services.GetRequiredService<ObjectSources>().Kubernetes!.Connection.Server.ToString(), Is.EqualTo("https://192.0.2.1:6443/"));
    }
}
