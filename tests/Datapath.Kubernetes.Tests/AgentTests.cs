using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;

namespace Datapath.Kubernetes.Tests;

/// <summary>The agent beside a cluster. It serves nothing here, so that no kernel is needed: what it makes of the objects is the same.</summary>
internal sealed partial class AgentTests
{
    /// <summary>The agent where it was built: beside these tests it would miss what they have of another framework.</summary>
    private static string Assembly
    {
        get
        {
            var built = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2..]; // Release, net10.0
            return Path.Combine([Deploy.Manifests.Root, "samples", "Datapath.Agent", "bin", .. built, "datapath-agent.dll"]);
        }
    }

    [Test]
    public async Task It_follows_a_cluster_tells_how_and_ends_when_it_is_asked_to()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("web");
        lab.Put("clusterlocalredirectpolicies", Policies.Cluster("dns"));
        var config = Configure(lab, """ "enabled": true """);
        using var agent = Start("run", "--config", config);
        var errors = agent.StandardError.ReadToEndAsync();
        try
        {
            JsonNode? report = null;
            await Deadline.UntilAsync(() => (report = Status(config)) is not null && (bool?)report["agent"]?["isSynced"] is true, "it is synced");
            Assert.That(report!["agent"]!["services"]!.AsArray().Select(static row => (string?)row!["service"]), Is.EqualTo(new[] { "default/web" }));
            var kinds = report["agent"]!["kubernetes"]!.AsArray();
            Assert.That(kinds, Has.Count.EqualTo(7));
            Assert.That(((string?)kinds[0]!["kind"], (int)kinds[0]!["objects"]!, (bool)kinds[0]!["isStale"]!), Is.EqualTo(("Service", 1, false)));
            Assert.That(DateTimeOffset.Parse((string)kinds[0]!["lastContact"]!, System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
            await Deadline.UntilAsync(() => lab.Server.CountOf("patch clusterlocalredirectpolicies/dns/status") == 1, "the status of the policy");
            Assert.That(await RunAsync("status", "--config", config), Does.Contain("Cluster:").And.Contain("Service: Watching, 1 objects"));
        }
        finally
        {
            _ = kill(agent.Id, 15);
            await agent.WaitForExitAsync(Deadline.Token);
        }

        Assert.That(agent.ExitCode, Is.Zero, await errors);
        Assert.That(await errors, Does.Contain("Following services").And.Not.Contain("warn"));
    }

    [Test]
    public async Task As_the_DaemonSet_starts_it_it_answers_what_the_kubelet_asks()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.PutService("web");
        string[] arguments = [.. Deploy.DeploymentTests.Arguments.Select(static word => word.Replace(":9464", ":0", StringComparison.Ordinal))];
        using var agent = Start([.. arguments, "--config", Configure(lab, """ "enabled": false """)]);
        using var client = new HttpClient();
        try
        {
            string? address = null;
            while (address is null && await agent.StandardError.ReadLineAsync(Deadline.Token) is { } line)
                address = Address().Match(line) is { Success: true } told ? told.Groups["address"].Value : null;
            Assert.That(address, Is.Not.Null);
            foreach (var path in Deploy.DeploymentTests.ProbedPaths)
            {
                await Deadline.UntilAsync(
                    () => client.GetAsync($"http://{address}{path}", Deadline.Token).GetAwaiter().GetResult().StatusCode == System.Net.HttpStatusCode.OK, $"{path} says that all is well");
            }
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(Deadline.Token);
        }
    }

    [Test]
    public async Task Without_anything_to_follow_it_says_what_to_give()
    {
        await using var lab = await KubernetesLab.StartAsync();
        using var agent = Start("run", "--config", Configure(lab, """ "enabled": false """));
        Assert.That(await agent.StandardError.ReadToEndAsync(Deadline.Token), Is.EqualTo("datapath-agent: there is nothing to follow: give --manifests DIR, --kubernetes or both\n"));
        await agent.WaitForExitAsync(Deadline.Token);
        Assert.That(agent.ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task A_kubeconfig_that_is_wrong_ends_it_with_the_reason()
    {
        await using var lab = await KubernetesLab.StartAsync();
        using var agent = Start("run", "--kubernetes", "--config", Configure(lab, """ "enabled": false, "context": "other" """));
        Assert.That(await agent.StandardError.ReadToEndAsync(Deadline.Token), Does.Match(@"^datapath-agent: /.*/config:11: contexts: has none that is named 'other'\n$"));
        await agent.WaitForExitAsync(Deadline.Token);
        Assert.That(agent.ExitCode, Is.EqualTo(2));
    }

    private static string Configure(KubernetesLab lab, string kubernetes)
    {
        _ = lab.Write("ca.crt", lab.Server.Authority.Pem);
        var kubeconfig = lab.WriteKubeConfig();
        return lab.Write("agent.json", $$"""
            {
              "services": { "enabled": false }, "lifetime": "process", "bpfRoot": "{{kubeconfig}}-bpf", "node": { "name": "node-a", "addresses": [] },
              "kubernetes": { "kubeconfig": "{{kubeconfig}}", {{kubernetes}} }
            }
            """);
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(DotnetHost.Prepare(Assembly, arguments))!;

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = await process.StandardOutput.ReadToEndAsync(Deadline.Token);
        await process.WaitForExitAsync(Deadline.Token);
        return output;
    }

    private static JsonNode? Status(string config)
    {
        using var process = Start("status", "--config", config, "--output", "json");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Length == 0 ? null : JsonNode.Parse(output);
    }

    [GeneratedRegex("told at http://(?<address>[^/]+)/metrics")]
    private static partial Regex Address();

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
