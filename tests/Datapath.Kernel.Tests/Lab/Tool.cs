using System.Diagnostics;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A program of the distribution's that a test runs. <c>test.sh</c> installs it.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code, and all that it said.</returns>
    public static (int ExitCode, string Said) Run(string input, string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(s_longest))
        {
            process.Kill();
            Assert.Fail($"'{name}' does not end");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }
}
