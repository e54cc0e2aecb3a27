using System.Text;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting.Tests.Options;

/// <summary>The keys of a cluster that is followed.</summary>
internal sealed class KubernetesKeyTests
{
    /// <summary>All of them.</summary>
    public static IEnumerable<string> Keys { get; } =
    [
        "kubernetes:context", "kubernetes:enabled", "kubernetes:kubeconfig", "kubernetes:pageSize", "kubernetes:pods", "kubernetes:redirectPolicies", "kubernetes:server",
        "kubernetes:staleAfter", "kubernetes:statusWrites",
    ];

    private static (DatapathOptions Options, string[] Errors) Read(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var options = new DatapathOptions();
        string[] errors = [.. DatapathOptionsReader.Read(configuration, options)];
        return (options, errors);
    }

    [Test]
    public void Without_keys_no_cluster_is_followed()
    {
        var kubernetes = Read("{}").Options.Kubernetes;
        Assert.That((kubernetes.Enabled, kubernetes.KubeConfig, kubernetes.Context, kubernetes.Server), Is.EqualTo((false, (string?)null, (string?)null, (string?)null)));
        Assert.That(
            (kubernetes.Pods, kubernetes.RedirectPolicies, kubernetes.StatusWrites, kubernetes.PageSize, kubernetes.StaleAfter),
            Is.EqualTo((true, true, KubernetesStatusWrites.All, 500, TimeSpan.FromMinutes(1))));
    }

    [Test]
    public void Every_key_is_read()
    {
        var (options, errors) = Read("""
            {
              "kubernetes": {
                "enabled": true, "kubeconfig": "/etc/kubeconfig", "context": "here", "server": "https://[2001:db8::1]:6443", "pods": false, "redirectPolicies": false,
                "statusWrites": "problems", "pageSize": 100, "staleAfter": 300
              }
            }
            """);
        Assert.That(errors, Is.Empty);
        var kubernetes = options.Kubernetes;
        Assert.That(
            (kubernetes.Enabled, kubernetes.KubeConfig, kubernetes.Context, kubernetes.Server), Is.EqualTo((true, "/etc/kubeconfig", "here", "https://[2001:db8::1]:6443")));
        Assert.That(
            (kubernetes.Pods, kubernetes.RedirectPolicies, kubernetes.StatusWrites, kubernetes.PageSize, kubernetes.StaleAfter),
            Is.EqualTo((false, false, KubernetesStatusWrites.Problems, 100, TimeSpan.FromMinutes(5))));
    }

    [TestCase("""{ "enabled": "maybe" }""", "enabled: 'maybe' must be true or false")]
    [TestCase("""{ "kubeconfig": "config" }""", "kubeconfig: 'config' must be an absolute path")]
    [TestCase("""{ "context": "here" }""", "context: 'here' must not be set without kubernetes:kubeconfig, which has the contexts")]
    [TestCase("""{ "server": "http://192.0.2.1" }""", "server: 'http://192.0.2.1' must be an https URL without query, for example https://192.0.2.1:6443 or https://[2001:db8::1]:6443")]
    [TestCase("""{ "server": "192.0.2.1:6443" }""", "server: '192.0.2.1:6443' must be an https URL without query, for example https://192.0.2.1:6443 or https://[2001:db8::1]:6443")]
    [TestCase("""{ "statusWrites": "some" }""", "statusWrites: 'some' must be one of all, problems, none")]
    [TestCase("""{ "pageSize": 0 }""", "pageSize: 0 must be 1 to 10000")]
    [TestCase("""{ "pageSize": 10001 }""", "pageSize: 10001 must be 1 to 10000")]
    [TestCase("""{ "staleAfter": 0 }""", "staleAfter: 0 must be 1 to 86400 (seconds)")]
    [TestCase("""{ "staleAfter": "1m" }""", "staleAfter: '1m' must be a whole number")]
    [TestCase("""{ "token": "secret" }""", "token: is no known key; known are context, enabled, kubeconfig, pageSize, pods, redirectPolicies, server, staleAfter, statusWrites")]
    public void Mistakes_are_told_by_their_keys(string json, string error) =>
        Assert.That(Read($$"""{ "kubernetes": {{json}} }""").Errors, Is.EqualTo(new[] { "kubernetes:" + error }));

    [Test]
    public async Task A_kubeconfig_that_is_wrong_stops_the_start_with_all_other_mistakes()
    {
        using var folder = new TempFolder();
        folder.Write("config", "current-context: gone");
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IDatapath, FakeDatapath>();
        builder.Services.AddDatapath(static options => options.MaxSlots = 1).AddKubernetes(options => options.KubeConfig = folder.At("config"));
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.That(
            error!.Failures, Is.EqualTo(new[] { "maxSlots: 1 must be 64 to 16777216", $"{folder.At("config")}:1: contexts: has none that is named 'gone'" }));
    }

    [Test]
    public async Task A_machine_that_is_no_pod_is_told_what_to_set()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IDatapath, FakeDatapath>();
        builder.Services.AddDatapath(new ConfigurationBuilder().AddInMemoryCollection([new("kubernetes:enabled", "true")]).Build())
            .Services.Configure<DatapathOptions>(static options => options.Kubernetes.ServiceAccountFolder = "/gone");
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.That(
            error!.Failures, Is.EqualTo(new[] { "kubernetes:kubeconfig: must be set: '/gone/token' does not exist, so this is no pod with a service account" }));
    }
}
