using System.Diagnostics;
using Datapath.Hosting.Tests.Lab;

namespace Datapath.Kubernetes.Tests.Lab;

/// <summary>kubectl, of the package kubernetes-client in Debian.</summary>
internal sealed class Kubectl : IDisposable
{
    private readonly TempFolder _folder = new();

    public Kubectl(ApiServer server)
    {
        _folder.Write("ca.crt", server.Authority.Pem);
        _folder.Write("config", $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{ name: c, cluster: { server: "{{server.Url}}", certificate-authority: ca.crt } }]
            users: [{ name: u, user: { token: secret } }]
            contexts: [{ name: test, context: { cluster: c, user: u } }]
            """);
    }

    /// <summary>Runs it to its end.</summary>
    public async Task<string> RunAsync(string arguments, string input = "")
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Deadline.Token), process.StandardError.ReadToEndAsync(Deadline.Token));
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(Deadline.Token);
        Assert.That(process.ExitCode, Is.Zero, $"kubectl {arguments}: {await error}");
        return await output;
    }

    /// <summary>Starts it, with arguments that have no spaces in them. It is ended with what it is used in.</summary>
    public Process Start(string arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments.Split(' ')) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = _folder.At("config");
        start.Environment["HOME"] = _folder.Path; // what it remembers of servers
        return Process.Start(start)!;
    }

    public void Dispose() => _folder.Dispose();
}
