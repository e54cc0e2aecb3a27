using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>The getting-started program does what the documentation says.</summary>
[TestFixture]
internal sealed partial class EbpfCounterTests
{
    [Test]
    public void The_counter_tells_its_own_connections_by_destination()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EbpfCounter.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, () => errors.Result);
        Assert.That(
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => Spaces().Replace(line.Trim(), " ")),
            Is.EqualTo(new[] { "3 udp 127.0.0.1:7", "2 udp 127.0.0.2:53" }));
    }

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
