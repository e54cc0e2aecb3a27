using System.Text.Json;

namespace Datapath.Kernel.Tests.Agent;

/// <summary>The commands that need nothing but manifests: <c>explain</c> and <c>diff</c>.</summary>
[TestFixture]
internal sealed class ExplainCommandTests
{
    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: shop }
        spec: { clusterIP: 10.96.0.1, ports: [{ port: 80 }] }
        """;

    private DirectoryInfo _old = null!;
    private DirectoryInfo _new = null!;

    [SetUp]
    public void MakeFolders()
    {
        (_old, _new) = (Directory.CreateTempSubdirectory("datapath-explain-tests-"), Directory.CreateTempSubdirectory("datapath-explain-tests-"));
        Write(_new, "web.yaml", Service);
        Write(_new, "slice.yaml", """
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: web, namespace: shop, labels: { kubernetes.io/service-name: web }, annotations: { service.cilium.io/weight: "30" } }
            addressType: IPv4
            ports: [{ port: 8080 }]
            endpoints: [{ addresses: [10.244.0.2] }]
            """);
    }

    [TearDown]
    public void RemoveFolders()
    {
        _old.Delete(recursive: true);
        _new.Delete(recursive: true);
    }

    [Test]
    public void An_explanation_is_json_for_programs()
    {
        var run = Explain("-t", "10.96.0.1:80", "-o", "json");
        Assert.That((run.ExitCode, run.Errors), Is.EqualTo((0, "")));
        var report = JsonDocument.Parse(run.Output).RootElement;
        var backend = report.GetProperty("backends").EnumerateArray().Single();
        var last = report.GetProperty("steps").EnumerateArray().Last();
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("from").GetString(), Is.EqualTo("host"), "unless somebody else is named");
            Assert.That(report.GetProperty("to").GetString(), Is.EqualTo("10.96.0.1:80/TCP"));
            Assert.That(report.GetProperty("outcome").GetString(), Is.EqualTo("Backend"));
            Assert.That((backend.GetProperty("address").GetString(), backend.GetProperty("weight").GetInt32()), Is.EqualTo(("10.244.0.2:8080/TCP", 30)));
            Assert.That((last.GetProperty("topic").GetString(), last.GetProperty("applies").GetBoolean()), Is.EqualTo(("Result", true)));
            Assert.That(last.GetProperty("subject").GetString(), Is.EqualTo("goes to 10.244.0.2:8080/TCP"));
        });
    }

    [TestCase("--from: 'shop' must be NAMESPACE/POD or host", "-f", "shop", "-t", "10.96.0.1:80")]
    [TestCase("--to: '10.96.0.1' must be ADDRESS:PORT/PROTOCOL, for example 10.96.0.10:53/UDP or [fd10::a]:80/TCP", "-t", "10.96.0.1")]
    [TestCase("Option '--to' is required.")]
    public void A_wrong_command_line_is_told(string error, params string[] arguments)
    {
        var run = Explain(arguments);
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Errors, Does.Contain(error));
    }

    [Test]
    public void A_mistake_in_a_manifest_ends_with_3_beside_the_answer()
    {
        Write(_new, "other.yaml", Service.Replace("port: 80", "port: 70000", StringComparison.Ordinal).Replace("name: web", "name: other", StringComparison.Ordinal));
        var run = Explain("-t", "10.96.0.1:80");
        Assert.That(run.ExitCode, Is.EqualTo(3));
        Assert.That(run.Output, Does.Contain("goes to 10.244.0.2:8080/TCP"));
        Assert.That(run.Errors, Does.StartWith("error: ").And.Contains("other.yaml:"));
        Assert.That(Diff(_old, _new).ExitCode, Is.EqualTo(3));
        Assert.That(Diff(_new, _old).ExitCode, Is.EqualTo(3));
    }

    [TestCase("{}", "")]
    [TestCase("""{ "services": { "enabled": false } }""", "note: services:enabled is false: none of this is programmed\n")]
    [TestCase(
        """{ "socketLB": { "hostNamespaceOnly": true } }""",
        "note: socketLB:hostNamespaceOnly is true: dials of pods with a network of their own are left as they are, whatever the rules say\n")]
    public void What_the_configuration_says_beside_the_rules_is_noted(string configuration, string expected)
    {
        Write(_old, ".settings", configuration);
        var settings = Path.Combine(_old.FullName, ".settings");
        var explained = Explain("-t", "10.96.0.1:80", "-c", settings);
        Assert.That((explained.ExitCode, explained.Errors), Is.EqualTo((0, expected)));
        Assert.That(Diff(_old, _new, "-c", settings).Errors, Is.EqualTo(expected));
        Assert.That(AgentProcess.Run("plan", "-m", _new.FullName, "-c", settings).Errors, Is.EqualTo(expected));
    }

    [Test]
    public void Differences_are_text_for_people_and_json_for_programs()
    {
        Write(_old, "web.yaml", Service);
        Assert.That(Diff(_old, _new), Is.EqualTo(new AgentRun(0, "~ 10.96.0.1:80/TCP  (shop/web)\n    + backend 10.244.0.2:8080/TCP: active, weight 30\n", "")));
        Assert.That(Diff(_new, _new), Is.EqualTo(new AgentRun(0, "Nothing would change.\n", "")));
        var row = JsonDocument.Parse(Diff(_old, _new, "-o", "json").Output).RootElement.EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(row.GetProperty("kind").GetString(), Is.EqualTo("Changed"));
            Assert.That(row.GetProperty("service").GetString(), Is.EqualTo("shop/web"));
            Assert.That(row.GetProperty("frontend").GetString(), Is.EqualTo("10.96.0.1:80/TCP"));
            Assert.That(row.GetProperty("details")[0].GetString(), Is.EqualTo("+ backend 10.244.0.2:8080/TCP: active, weight 30"));
        });
        Assert.That(Diff(_new, _new, "-o", "json").Output, Is.EqualTo("[]\n"));
    }

    [Test]
    public void A_pod_whose_dials_are_left_alone_from_now_on_is_a_difference()
    {
        foreach (var (folder, value) in new[] { (_old, "enabled"), (_new, "disabled") })
        {
            Write(folder, "web.yaml", Service);
            foreach (var file in folder.GetFiles("slice.yaml"))
                file.Delete();
            Write(folder, "pod.yaml", $$"""
                apiVersion: v1
                kind: Pod
                metadata: { name: client, namespace: shop, annotations: { datapath.io/socket-lb: {{value}} } }
                spec: { nodeName: {{Environment.MachineName.ToLowerInvariant()}}, containers: [{ name: main }] }
                status: { podIP: 10.0.0.9 }
                """);
        }

        Assert.That(Diff(_old, _new), Is.EqualTo(new AgentRun(0, "+ dials of pod shop/client are left alone\n", "")));
        using var json = JsonDocument.Parse(Diff(_new, _old, "-o", "json").Output);
        Assert.That(json.RootElement[0].ToString(), Does.Contain("\"exemptPod\": \"shop/client\"").And.Not.Contains("frontend"));
    }

    [Test]
    public void Folders_that_are_not_there_are_named_with_the_mistakes_of_the_configuration()
    {
        var (missing, file, config) = (Path.Combine(_old.FullName, "missing"), Path.Combine(_old.FullName, "file"), Path.Combine(_old.FullName, "config.json"));
        File.WriteAllText(file, "");
        File.WriteAllText(config, """{ "lifetime": "forever" }""");
        Assert.That(AgentProcess.Run("diff", _old.FullName, missing), Is.EqualTo(new AgentRun(2, "", $"datapath-agent: the folder of manifests '{missing}' does not exist\n")));
        const string Key = "datapath-agent: lifetime: 'forever' must be one of pinned, process";
        var (ofMissing, ofFile) = ($"datapath-agent: the folder of manifests '{missing}' does not exist", $"datapath-agent: the folder of manifests '{file}' is a file");
        Assert.That(AgentProcess.Run("diff", missing, file, "-c", config), Is.EqualTo(new AgentRun(2, "", $"{Key}\n{ofMissing}\n{ofFile}\n")));
        Assert.That(AgentProcess.Run("plan", "-m", file, "-c", config), Is.EqualTo(new AgentRun(2, "", $"{Key}\n{ofFile}\n")));
        Assert.That(AgentProcess.Run("explain", "-m", missing, "-c", config, "--to", "10.96.0.1:80"), Is.EqualTo(new AgentRun(2, "", $"{Key}\n{ofMissing}\n")));
        Assert.That(AgentProcess.Run("nat", "explain", "-m", missing, "-c", config, "--from", "10.0.0.1", "--to", "10.96.0.1"), Is.EqualTo(new AgentRun(2, "", $"{Key}\n{ofMissing}\n")));
    }

    private static void Write(DirectoryInfo folder, string name, string text) => File.WriteAllText(Path.Combine(folder.FullName, name), text);

    private static AgentRun Diff(DirectoryInfo before, DirectoryInfo after, params string[] arguments) =>
        AgentProcess.Run(["diff", before.FullName, after.FullName, .. arguments]);

    private AgentRun Explain(params string[] arguments) => AgentProcess.Run(["explain", "-m", _new.FullName, .. arguments]);
}
