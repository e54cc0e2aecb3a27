using System.ComponentModel;
using System.Diagnostics;

namespace Datapath.Hosting;

/// <summary>Runs a credential plugin. The only program that this library runs, because that is what a plugin is, and somebody named it in a kubeconfig.</summary>
internal static class ExecProcess
{
    private const int LongestAnswer = 1 << 20;
    private const int LongestComplaint = 300;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="CredentialException">It cannot be run, or failed.</exception>
    public static async Task<ReadOnlyMemory<byte>> RunAsync(ExecPlugin plugin, string question, CancellationToken cancellationToken)
    {
#pragma warning disable RS0030 // see above
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in plugin.Variables)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = question;
        using var process = new Process { StartInfo = start };
        try
        {
            _ = process.Start();
        }
        catch (Win32Exception e)
        {
            throw new CredentialException($"cannot be run: {e.Message}", e);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            process.StandardInput.Close(); // there is nobody to ask
            var complaint = ReadAsync(process.StandardError.BaseStream, limit.Token);
            var answer = await ReadAsync(process.StandardOutput.BaseStream, limit.Token).ConfigureAwait(false);
            var words = System.Text.Encoding.UTF8.GetString((await complaint.ConfigureAwait(false)).Span).Trim();
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new CredentialException($"ended with {process.ExitCode}: {(words.Length > LongestComplaint ? words[..LongestComplaint] : words)}");
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CredentialException($"did not end within {s_patience.TotalSeconds} s");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
#pragma warning restore RS0030
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var length)
        {
            text.Write(buffer, 0, length);
            if (text.Length > LongestAnswer)
                throw new CredentialException($"said more than {LongestAnswer} bytes");
        }

        return text.ToArray();
    }
}
