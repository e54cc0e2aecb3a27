using System.Net.Security;
using System.Text;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;

namespace Datapath.Kubernetes.Tests.Access;

internal sealed class KubeConfigTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ClusterAuthority _authority = new();

    public void Dispose() => _folder.Dispose();

    private string File(string name, string text)
    {
        _folder.Write(name, text);
        return _folder.At(name);
    }

    private (ClusterAccess? Access, string[] Errors) Read(string text, Action<KubernetesOptions>? configure = null)
    {
        var options = new KubernetesOptions { Enabled = true, KubeConfig = File("config", text) };
        configure?.Invoke(options);
        var errors = new List<string>();
        var access = ClusterAccessReader.Read(options, TimeProvider.System, errors);
        return (access, [.. errors.Select(error => error.Replace(options.KubeConfig!, "config", StringComparison.Ordinal).Replace(_folder.Path, "", StringComparison.Ordinal))]);
    }

    private static string Config(string cluster, string user, string current = "one") => $$"""
        apiVersion: v1
        kind: Config
        current-context: {{current}}
        clusters: [{ name: c1, cluster: {{cluster}} }]
        users: [{ name: u1, user: {{user}} }]
        contexts:
        - { name: one, context: { cluster: c1, user: u1, namespace: default } }
        - { name: anonymous, context: { cluster: c1 } }
        """;

    [Test]
    public async Task Everything_that_is_said_of_a_cluster_and_a_user_is_read()
    {
        var client = _authority.IssueClient("node-a");
        File("ca.crt", _authority.Pem);
        File("client.crt", client.Certificate);
        File("client.key", client.Key);
        File("token", "from-file\n");
        var (access, errors) = Read(Config(
            "{ server: \"https://[2001:db8::1]:6443/k8s/clusters/c-1\", certificate-authority: ca.crt, tls-server-name: kube.test, proxy-url: \"socks5://[::1]:1080\", disable-compression: true }",
            "{ client-certificate: client.crt, client-key: client.key, tokenFile: token, token: fixed }"));
        Assert.That(errors, Is.Empty);
        Assert.That(
            (access!.Server.ToString(), access.TlsServerName, access.Proxy!.Address!.ToString(), access.Compresses, access.SkipsVerification),
            Is.EqualTo(("https://[2001:db8::1]:6443/k8s/clusters/c-1/", "kube.test", "socks5://[::1]:1080/", false, false)));
        Assert.That(access.ReadAuthority()!.Single().Thumbprint, Is.EqualTo(_authority.Root.Thumbprint));
        var credential = await access.Credentials.GetAsync(Deadline.Token);
        Assert.That((credential.Token, credential.Certificate!.TargetCertificate.Thumbprint), Is.EqualTo(("from-file", client.Thumbprint)));
    }

    [Test]
    public async Task Data_goes_before_files()
    {
        var client = _authority.IssueClient("node-a");
        static string Data(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        var (access, errors) = Read(Config(
            $"{{ server: \"https://192.0.2.1\", certificate-authority: gone.crt, certificate-authority-data: {Data(_authority.Pem)} }}",
            $"{{ client-certificate: gone.crt, client-certificate-data: {Data(client.Certificate)}, client-key-data: {Data(client.Key)} }}"));
        Assert.That(errors, Is.Empty);
        Assert.That(access!.ReadAuthority()!, Has.Count.EqualTo(1));
        Assert.That((await access.Credentials.GetAsync(Deadline.Token)).Certificate, Is.InstanceOf<SslStreamCertificateContext>());
    }

    [Test]
    public void Another_context_and_another_server_may_be_chosen()
    {
        var (access, errors) = Read(Config("{ server: \"https://192.0.2.1\" }", "{ username: nobody }", current: "\"\""), static options =>
            (options.Context, options.Server) = ("anonymous", "https://[2001:db8::2]:6443"));
        Assert.That(errors, Is.Empty);
        Assert.That(access!.Server.ToString(), Is.EqualTo("https://[2001:db8::2]:6443/"));
    }

    [TestCase("{ server: \"http://192.0.2.1\" }", "{}",
        "config:4: clusters[0].cluster.server: 'http://192.0.2.1' must be an https URL without query, for example https://192.0.2.1:6443 or https://[2001:db8::1]:6443")]
    [TestCase("{}", "{}", "config:4: clusters[0].cluster.server: is required")]
    [TestCase("{ server: \"https://a\", certificate-authority: gone.crt }", "{}", "config: clusters[0].cluster.certificate-authority '/gone.crt': cannot be read: Could not find file '/gone.crt'.")]
    [TestCase("{ server: \"https://a\", certificate-authority-data: bm90aGluZw== }", "{}", "config: clusters[0].cluster.certificate-authority-data: has no certificate in PEM form")]
    [TestCase("{ server: \"https://a\", certificate-authority-data: \"%%\" }", "{}", "config:4: clusters[0].cluster.certificate-authority-data: must be in base64")]
    [TestCase("{ server: \"https://a\", insecure-skip-tls-verify: maybe }", "{}", "config:4: clusters[0].cluster.insecure-skip-tls-verify: 'maybe' must be true or false")]
    [TestCase("{ server: \"https://a\", proxy-url: \"ftp://b\" }", "{}", "config:4: clusters[0].cluster.proxy-url: 'ftp://b' must be an http, https or socks5 URL")]
    [TestCase("{ server: \"https://a\" }", "{ token: [a] }", "config:5: users[0].user.token: must be a text")]
    [TestCase("{ server: \"https://a\" }", "{ as: root }", "config:5: users[0].user.as: is not supported")]
    [TestCase("{ server: \"https://a\" }", "{ auth-provider: { name: oidc } }", "config:5: users[0].user.auth-provider: is not supported")]
    [TestCase("{ server: \"https://a\" }", "{ tokenFile: gone }", "token file '/gone': cannot be read: Could not find file '/gone'.")]
    [TestCase("{ server: \"https://a\" }", "{ client-key-data: bm8= }", "config:5: users[0].user.client-certificate: is required beside client-key")]
    [TestCase("{ server: \"https://a\" }", "{ exec: { apiVersion: client.authentication.k8s.io/v1 } }", "config:5: users[0].user.exec.command: is required")]
    [TestCase("{ server: \"https://a\" }", "{ exec: { command: a, apiVersion: client.authentication.k8s.io/v1alpha1 } }",
        "config:5: users[0].user.exec.apiVersion: 'client.authentication.k8s.io/v1alpha1' must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1")]
    [TestCase("{ server: \"https://a\" }", "{ exec: { command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always } }",
        "config:5: users[0].user.exec.interactiveMode: 'Always' is not possible: there is nobody to ask")]
    [TestCase("{ server: \"https://a\" }", "{ exec: { command: a, apiVersion: client.authentication.k8s.io/v1, env: [{ value: a }] } }",
        "config:5: users[0].user.exec.env[0].name: is required")]
    public void Mistakes_are_told_with_file_line_field_and_reason(string cluster, string user, string error) =>
        Assert.That(Read(Config(cluster, user)).Errors, Is.EqualTo(new[] { error }));

    [Test]
    public void All_mistakes_are_told_at_once() => Assert.That(
        Read(Config("{ server: \"https://a\", proxy-url: b }", "{ as: root, password: p }")).Errors, Has.Length.EqualTo(3));

    [TestCase("a: [", "config:2: is no YAML: ")]
    [TestCase("", "config:1: current-context: is required, or kubernetes:context")]
    [TestCase("current-context: two", "config:1: contexts: has none that is named 'two'")]
    [TestCase("current-context: &a two\nx: *a", "config:2: is no YAML: must not be an alias")]
    [TestCase("current-context: one\ncurrent-context: one", "config:2: is no YAML: the field 'current-context' is there twice")]
    [TestCase("current-context: one\ncontexts: [{ name: one, context: { cluster: gone, user: u } }]", "config:1: clusters: has none that is named 'gone'")]
    [TestCase("current-context: one\ncontexts: [{ name: one, context: {} }]", "config:2: contexts[0].context.cluster: is required")]
    public void What_leads_nowhere_is_told(string text, string error) => Assert.That(Read(text).Errors[0], Does.StartWith(error));

    [Test]
    public void A_file_that_is_not_there_is_told()
    {
        var errors = new List<string>();
        Assert.That(ClusterAccessReader.Read(new() { KubeConfig = "/gone/config" }, TimeProvider.System, errors), Is.Null);
        Assert.That(errors.Single(), Does.StartWith("kubernetes:kubeconfig: '/gone/config' must be a file that can be read: "));
    }
}
