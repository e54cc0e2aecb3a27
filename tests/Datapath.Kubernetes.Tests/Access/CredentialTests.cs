using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Kubernetes.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Kubernetes.Tests.Access;

/// <summary>Who a host is to a server, over time.</summary>
internal sealed class CredentialTests
{
    [Test]
    public async Task A_token_that_is_replaced_is_read_again_when_the_old_one_is_refused()
    {
        await using var lab = await KubernetesLab.StartAsync();
        var file = lab.Write("token", "secret\n");
        lab.User = "{ tokenFile: token }";
        lab.PutService("a");
        await lab.RunToWatchAsync();
        lab.Server.Tokens.Clear();
        (await lab.Server.WatchOfAsync("services")).End();
        await Deadline.UntilAsync(() => lab.Kind(ObjectKind.Service).Problem is not null, "the refusal");
        Assert.That(lab.Kind(ObjectKind.Service).Problem, Is.EqualTo("401 Unauthorized"));
        lab.PutService("b");
        lab.Server.Tokens["newer"] = "test";
        await File.WriteAllTextAsync(file, "newer");
        await lab.SyncedToAsync("a b");
        Assert.That(lab.Server.CountOf("list services "), Is.EqualTo(1));
    }

    [Test]
    public async Task A_token_is_read_again_in_time_and_kept_while_its_file_is_away()
    {
        using var folder = new TempFolder();
        folder.Write("token", "one");
        var time = new FakeTimeProvider();
        var credentials = new StoredCredentials(TimeSpan.FromMinutes(1), time) { TokenFile = folder.At("token") };
        var first = await credentials.GetAsync(Deadline.Token);
        folder.Write("token", "two");
        Assert.That(await credentials.GetAsync(Deadline.Token), Is.SameAs(first), "not read again yet");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await credentials.GetAsync(Deadline.Token)).Token, Is.EqualTo("two"));
        File.Delete(folder.At("token"));
        time.Advance(TimeSpan.FromMinutes(1));
        var kept = await credentials.GetAsync(Deadline.Token);
        Assert.That(kept.Token, Is.EqualTo("two"));
        credentials.Reject(kept);
        var error = await Assert.ThrowsAsync<CredentialException>(() => credentials.GetAsync(Deadline.Token).AsTask());
        Assert.That(error!.Message, Does.StartWith($"token file '{folder.At("token")}': cannot be read: "));
        folder.Write("token", " \n");
        error = await Assert.ThrowsAsync<CredentialException>(() => credentials.GetAsync(Deadline.Token).AsTask());
        Assert.That(error!.Message, Is.EqualTo($"token file '{folder.At("token")}': is empty"));
        folder.Write("token", "three");
        Assert.That((await credentials.GetAsync(Deadline.Token)).Token, Is.EqualTo("three"));
    }

    [Test]
    public async Task A_client_certificate_is_enough_and_its_successor_is_used()
    {
        await using var lab = await KubernetesLab.StartAsync();
        var (first, second) = (lab.Server.Authority.IssueClient("node-a"), lab.Server.Authority.IssueClient("node-a"));
        lab.Server.Tokens.Clear();
        lab.Server.Clients[first.Thumbprint] = "node-a";
        lab.Write("client.crt", first.Certificate);
        lab.Write("client.key", first.Key);
        lab.User = "{ client-certificate: client.crt, client-key: client.key }";
        lab.PutService("a");
        await lab.RunToWatchAsync();
        lab.Server.Clients.Clear();
        lab.Server.Clients[second.Thumbprint] = "node-a";
        lab.Write("client.crt", second.Certificate);
        lab.Write("client.key", second.Key);
        foreach (var session in lab.Server.Store.Sessions)
            session.End();
        await Deadline.UntilAsync(() => lab.Server.CountOf("watch ") == 14, "all kinds are watched again");
        lab.PutService("b");
        await lab.SyncedToAsync("a b");
    }

    [Test]
    public async Task A_server_whose_certificate_another_authority_signed_is_not_told_the_token()
    {
        await using var lab = await KubernetesLab.StartAsync();
        lab.Cluster = $"certificate-authority-data: {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(new ClusterAuthority().Pem))}";
        await lab.RunAsync();
        await Deadline.UntilAsync(() => lab.Kind(ObjectKind.Service).Problem is not null, "the refusal");
        Assert.That(lab.Kind(ObjectKind.Service).Problem, Does.Contain("errors in the certificate chain"));
        Assert.That(lab.Server.Requests, Is.Empty);
    }

    [Test]
    public async Task A_certificate_for_another_name_is_refused_unless_the_kubeconfig_names_it()
    {
        await using var lab = await KubernetesLab.StartAsync();
        await using var server = await ApiServer.StartAsync(names: "kube.test");
        var (ca, config) = (server.Authority.Pem, """
            current-context: test
            clusters: [{ name: c, cluster: { server: "URL", certificate-authority: other.crt NAME } }]
            users: [{ name: u, user: { token: secret } }]
            contexts: [{ name: test, context: { cluster: c, user: u } }]
            """.Replace("URL", server.Url, StringComparison.Ordinal));
        lab.Write("other.crt", ca);
        foreach (var (name, isRight) in ((string, bool)[])[("", false), (", tls-server-name: kube.test", true), (", insecure-skip-tls-verify: false", false)])
        {
            var path = lab.Write("other", config.Replace("NAME", name, StringComparison.Ordinal));
            using var connection = new ApiConnection(ClusterAccessReader.Read(new() { KubeConfig = path }, TimeProvider.System, [])!, new());
            if (isRight)
                Assert.That(await connection.GetAsync("version", Deadline.Token), Is.Not.Empty);
            else
                Assert.That(() => connection.GetAsync("version", Deadline.Token), Throws.InstanceOf<HttpRequestException>().With.Message.Contains("RemoteCertificateNameMismatch"));
        }

        var skipping = lab.Write("other", config.Replace("certificate-authority: other.crt NAME", "insecure-skip-tls-verify: true", StringComparison.Ordinal));
        using var careless = new ApiConnection(ClusterAccessReader.Read(new() { KubeConfig = skipping }, TimeProvider.System, [])!, new());
        Assert.That(await careless.GetAsync("version", Deadline.Token), Is.Not.Empty);
    }

    [Test]
    public async Task A_certificate_authority_that_is_replaced_is_read_again()
    {
        await using var lab = await KubernetesLab.StartAsync();
        var config = lab.WriteKubeConfig();
        var authority = lab.Write("ca.crt", new ClusterAuthority().Pem);
        using var connection = new ApiConnection(ClusterAccessReader.Read(new() { KubeConfig = config }, TimeProvider.System, [])!, new());
        Assert.That(() => connection.GetAsync("version", Deadline.Token), Throws.InstanceOf<HttpRequestException>());
        await File.WriteAllTextAsync(authority, lab.Server.Authority.Pem);
        Assert.That(await connection.GetAsync("version", Deadline.Token), Is.Not.Empty);
    }
}
