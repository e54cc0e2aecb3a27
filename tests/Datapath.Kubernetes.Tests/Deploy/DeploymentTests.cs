using System.Text.Json.Nodes;
using Datapath.Hosting;

namespace Datapath.Kubernetes.Tests.Deploy;

/// <summary>The manifests of the agent against what it needs: no more and no less.</summary>
internal sealed class DeploymentTests
{
    private static JsonObject Read(string file, string kind) =>
        Manifests.Read(Path.Combine(Manifests.DeployFolder, file)).Single(item => (string?)item["kind"] == kind);

    [Test]
    public void The_role_allows_what_is_asked_for_and_nothing_else()
    {
        var allowed = Read("rbac.yaml", "ClusterRole")["rules"]!.AsArray().SelectMany(static rule =>
            from kind in rule!["resources"]!.AsArray()
            from verb in rule["verbs"]!.AsArray()
            select $"{verb} {kind}.{rule["apiGroups"]!.AsArray().Single()}");
        var needed = KubernetesResource.Of(new DatapathOptions()).SelectMany(static resource =>
        {
            var group = resource.GroupVersion.Contains('/', StringComparison.Ordinal) ? resource.GroupVersion.Split('/')[0] : "";
            string[] reads = [$"list {resource.Plural}.{group}", $"watch {resource.Plural}.{group}"];
            return resource.IsCustom ? [.. reads, $"patch {resource.Plural}/status.{group}"] : reads;
        });
        Assert.That(allowed, Is.EquivalentTo(needed));
    }

    [Test]
    public void The_role_is_bound_to_the_account_of_the_agent_alone()
    {
        var (account, binding) = (Read("rbac.yaml", "ServiceAccount")["metadata"]!, Read("rbac.yaml", "ClusterRoleBinding"));
        var subject = binding["subjects"]!.AsArray().Single()!;
        Assert.That(((string?)subject["name"], (string?)subject["namespace"]), Is.EqualTo(((string?)account["name"], (string?)account["namespace"])));
        Assert.That((string?)binding["roleRef"]!["name"], Is.EqualTo((string?)Read("rbac.yaml", "ClusterRole")["metadata"]!["name"]));
        Assert.That((string?)Pod["serviceAccountName"], Is.EqualTo((string?)account["name"]));
    }

    private static JsonNode Pod => Read("daemonset.yaml", "DaemonSet")["spec"]!["template"]!["spec"]!;

    private static JsonNode Container => Pod["containers"]!.AsArray().Single()!;

    /// <summary>What the agent is started with on each node.</summary>
    public static string[] Arguments => [.. Container["args"]!.AsArray().Select(static word => (string)word!)];

    /// <summary>The paths that the kubelet asks for.</summary>
    public static string[] ProbedPaths => [.. Probes().Select(static probe => (string)probe["path"]!)];

    private static JsonNode[] Probes() => [.. new[] { "livenessProbe", "readinessProbe" }.Select(static name => Container[name]!["httpGet"]!)];

    // On the host's network the kubelet and the agent have the same loopback.
    [Test]
    public void The_kubelet_asks_where_the_agent_answers_and_nobody_else_can()
    {
        var address = Arguments[Array.IndexOf(Arguments, "--metrics-address") + 1];
        Assert.That(Probes().Select(static probe => $"{probe["host"]}:{probe["port"]}").Distinct(), Is.EqualTo(new[] { address }));
        Assert.That(System.Net.IPAddress.IsLoopback(System.Net.IPEndPoint.Parse(address).Address));
        Assert.That(ProbedPaths, Is.EqualTo(new[] { "/healthz", "/readyz" }));
    }

    [Test]
    public void The_container_has_the_capabilities_that_it_needs_one_by_one()
    {
        var security = Container["securityContext"]!;
        Assert.That((bool)security["privileged"]!, Is.False);
        Assert.That((bool)security["readOnlyRootFilesystem"]!);
        Assert.That(security["capabilities"]!["drop"]!.AsArray().Select(static name => (string?)name), Is.EqualTo(new[] { "ALL" }));
        Assert.That(security["capabilities"]!["add"]!.AsArray().Select(static name => (string?)name), Is.EqualTo(new[] { "BPF", "PERFMON", "NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE" }));
    }

    [Test]
    public void Its_settings_are_keys_that_are_known_also_those_in_comments()
    {
        var text = File.ReadAllText(Path.Combine(Manifests.DeployFolder, "daemonset.yaml"));
        var keys = System.Text.RegularExpressions.Regex.Matches(text, "name: DATAPATH__(\\w+)").Select(static match => match.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)).ToArray();
        Assert.That(keys, Is.EqualTo(new[] { "node:name", "kubernetes:server" }));
        Assert.That(keys, Is.SubsetOf(DatapathOptionsReader.Keys.ToArray()));
    }

    [Test]
    public void What_is_mounted_is_there_and_what_the_agent_writes_to_is_mounted()
    {
        Assert.That(
            Container["volumeMounts"]!.AsArray().Select(static mount => (string?)mount!["name"]), Is.EquivalentTo(Pod["volumes"]!.AsArray().Select(static volume => (string?)volume!["name"])));
        var paths = Container["volumeMounts"]!.AsArray().Select(static mount => (string?)mount!["mountPath"]).ToArray();
        Assert.That(paths, Is.SupersetOf(new[] { Path.GetDirectoryName(new DatapathOptions().BpfRoot), "/sys/fs/cgroup", "/run/netns", "/run/datapath" }));
        Assert.That(((bool)Pod["hostNetwork"]!, (bool)Pod["hostPID"]!), Is.EqualTo((true, true)));
    }
}
