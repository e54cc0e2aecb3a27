using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;

namespace Datapath.Kubernetes.Tests.Access;

/// <summary>Credential plugins, which are shell scripts here.</summary>
internal sealed class ExecPluginTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    private string Script(string name, string text)
    {
        var path = _folder.At(name);
        File.WriteAllText(path, "#!/bin/sh\n" + text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>A plugin that counts its runs, and gives a token with their number.</summary>
    private string Counting(string more = "") => Script("plugin", """
        echo run >> "$(dirname "$0")/runs"
        printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%d"MORE}}' "$(wc -l < "$(dirname "$0")/runs")"
        """.Replace("MORE", more, StringComparison.Ordinal));

    private ExecCredentials Credentials(string command, string? hint = null, ExecCluster? cluster = null, params KeyValuePair<string, string>[] variables) =>
        new(new(ExecProtocol.Version, command, ["one", "two words"], variables, cluster), hint, _time);

    [Test]
    public async Task A_credential_without_an_end_is_kept_until_it_is_refused()
    {
        using var credentials = Credentials(Counting());
        var first = await credentials.GetAsync(Deadline.Token);
        Assert.That(first.Token, Is.EqualTo("t1"));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That(await credentials.GetAsync(Deadline.Token), Is.SameAs(first));
        credentials.Reject(first);
        credentials.Reject(first); // by another request
        var second = await credentials.GetAsync(Deadline.Token);
        Assert.That(second.Token, Is.EqualTo("t2"));
        credentials.Reject(first); // by one that was late
        Assert.That(await credentials.GetAsync(Deadline.Token), Is.SameAs(second));
    }

    [Test]
    public async Task A_credential_is_replaced_before_its_end()
    {
        using var credentials = Credentials(Counting($$""","expirationTimestamp":"{{_time.GetUtcNow().AddMinutes(5):yyyy-MM-ddTHH:mm:ssZ}}" """));
        Assert.That((await credentials.GetAsync(Deadline.Token)).Token, Is.EqualTo("t1"));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.That((await credentials.GetAsync(Deadline.Token)).Token, Is.EqualTo("t1"));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.That((await credentials.GetAsync(Deadline.Token)).Token, Is.EqualTo("t2"));
    }

    [Test]
    public async Task All_who_wait_are_served_by_one_run()
    {
        using var credentials = Credentials(Counting());
        var tokens = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => credentials.GetAsync(Deadline.Token).AsTask()));
        Assert.That(tokens.Select(static credential => credential.Token).Distinct(), Is.EqualTo(new[] { "t1" }));
    }

    [Test]
    public async Task It_gets_its_arguments_its_variables_and_what_it_may_know_of_the_cluster()
    {
        var authority = new ClusterAuthority();
        var script = Script("plugin", """
            printf '%s|%s|%s' "$1" "$2" "$EXTRA" > "$(dirname "$0")/arguments"
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"
            if read -r line; then exit 9; fi # there is nothing to read
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        var cluster = new ExecCluster(new("https://192.0.2.1:6443/"), "kube.test", false, new("ca", null, authority.Pem), "http://proxy:8080");
        using var credentials = Credentials(script, null, cluster, new KeyValuePair<string, string>("EXTRA", "more"));
        Assert.That((await credentials.GetAsync(Deadline.Token)).Token, Is.EqualTo("t"));
        Assert.That(await File.ReadAllTextAsync(_folder.At("arguments")), Is.EqualTo("one|two words|more"));
        var data = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authority.Pem));
        using var info = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(_folder.At("info")));
        var spec = info.RootElement.GetProperty("spec");
        Assert.That(info.RootElement.GetProperty("kind").GetString(), Is.EqualTo("ExecCredential"));
        Assert.That(info.RootElement.GetProperty("apiVersion").GetString(), Is.EqualTo("client.authentication.k8s.io/v1"));
        Assert.That(spec.GetProperty("interactive").GetBoolean(), Is.False);
        Assert.That(
            spec.GetProperty("cluster").EnumerateObject().Select(static field => $"{field.Name}={field.Value}"),
            Is.EqualTo(new[] { "server=https://192.0.2.1:6443", "tls-server-name=kube.test", $"certificate-authority-data={data}", "proxy-url=http://proxy:8080" }));
    }

    [Test]
    public async Task A_client_certificate_may_come_from_it()
    {
        var (certificate, key, thumbprint) = new ClusterAuthority().IssueClient("me");
        static string Json(string pem) => System.Text.Json.JsonSerializer.Serialize(pem).Replace("\\", "\\\\", StringComparison.Ordinal);
        using var credentials = Credentials(Script("plugin",
            $"printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"clientCertificateData\":{Json(certificate)},\"clientKeyData\":{Json(key)}}}}}'\n"));
        var credential = await credentials.GetAsync(Deadline.Token);
        Assert.That((credential.Token, credential.Certificate!.TargetCertificate.Thumbprint), Is.EqualTo(((string?)null, thumbprint)));
    }

    [TestCase("echo first >&2; echo no such account >&2; exit 3", "ended with 3: first\nno such account")]
    [TestCase("echo nothing", "it is no ExecCredential in JSON: ")]
    [TestCase("echo '{}'", "it is a '' of '' and must be an ExecCredential of client.authentication.k8s.io/v1")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential"}'""",
        "it is a 'ExecCredential' of 'client.authentication.k8s.io/v1beta1' and must be an ExecCredential of client.authentication.k8s.io/v1")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}'""", "it has no status")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'""", "status: has neither token nor clientCertificateData")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":7}}'""", "it is no ExecCredential in JSON: ")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientKeyData":"a"}}'""",
        "status: needs both or neither of clientCertificateData and clientKeyData")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"a","expirationTimestamp":"soon"}}'""",
        "status.expirationTimestamp: 'soon' must be a time as in RFC 3339")]
    [TestCase("head -c 2000000 /dev/zero", "said more than 1048576 bytes")]
    public async Task What_goes_wrong_is_told(string script, string error)
    {
        var path = Script("plugin", script + "\n");
        using var credentials = Credentials(path, hint: "install it");
        var thrown = await Assert.ThrowsAsync<CredentialException>(() => credentials.GetAsync(Deadline.Token).AsTask());
        Assert.That(thrown!.Message, Does.StartWith($"credential plugin '{path}': {error}").And.EndsWith(" (install it)"));
    }

    [Test]
    public async Task One_that_is_not_there_is_told()
    {
        using var credentials = Credentials("no-such-plugin");
        var thrown = await Assert.ThrowsAsync<CredentialException>(() => credentials.GetAsync(Deadline.Token).AsTask());
        Assert.That(thrown!.Message, Does.StartWith("credential plugin 'no-such-plugin': cannot be run: "));
    }

    [Test]
    public async Task One_that_hangs_ends_with_who_waits_for_it()
    {
        using var credentials = Credentials(Script("plugin", "echo $$ > \"$(dirname \"$0\")/pid\"\nexec sleep 1000\n"));
        using var stop = new CancellationTokenSource();
        var wait = credentials.GetAsync(stop.Token).AsTask();
        await Deadline.UntilAsync(() => File.Exists(_folder.At("pid")) && File.ReadAllText(_folder.At("pid")).EndsWith('\n'), "it runs");
        var pid = (await File.ReadAllTextAsync(_folder.At("pid"))).Trim();
        await stop.CancelAsync();
        Assert.That(async () => await wait, Throws.InstanceOf<OperationCanceledException>());
        await Deadline.UntilAsync(() => !Directory.Exists($"/proc/{pid}") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal), "it is ended");
    }

    [Test]
    public async Task An_expired_token_is_replaced_while_a_cluster_is_followed()
    {
        await using var lab = await KubernetesLab.StartAsync();
        var script = Counting();
        lab.User = $"{{ exec: {{ apiVersion: client.authentication.k8s.io/v1, command: {script}, interactiveMode: Never }} }}";
        lab.Server.Tokens.Clear();
        lab.Server.Tokens["t1"] = "me";
        lab.PutService("a");
        await lab.RunToWatchAsync();
        lab.Server.Tokens.Clear();
        lab.Server.Tokens["t2"] = "me";
        foreach (var session in lab.Server.Store.Sessions)
            session.End();
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
        await Deadline.UntilAsync(() => lab.Server.CountOf("watch ") >= 14 && lab.Host.Monitor.Kubernetes.All(static kind => kind.Problem is null), "all kinds go on");
        Assert.That(await File.ReadAllLinesAsync(_folder.At("runs")), Has.Length.EqualTo(2), "one run for all kinds");
        Assert.That(lab.Host.Log.Bad, Is.Empty);
    }
}
