using System.Diagnostics;
using Datapath.Kernel.Tests.Bpf;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>The sample that watches programs sees those that run.</summary>
[TestFixture]
internal sealed class EbpfTopTests
{
    [Test]
    public void A_program_that_runs_is_shown_with_its_runs()
    {
        using var program = TestPrograms.Return(2, ProgramType.Xdp, name: "keeps_running");
        using var process = Process.Start(DotnetHost.Prepare(Path.Combine(AppContext.BaseDirectory, "EbpfTop.dll"), "1"))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.HasExited)
            _ = program.TestRun(new() { Data = new byte[64], Repeat = 1000 });
        Assert.That(process.ExitCode, Is.Zero, () => errors.Result);
        var line = output.Result.Split('\n').Single(l => l.TrimStart().StartsWith($"{program.Id} ", StringComparison.Ordinal));
        var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.That((columns[1], columns[^1]), Is.EqualTo(("Xdp", "keeps_running")));
        Assert.That(double.Parse(columns[2], System.Globalization.CultureInfo.InvariantCulture), Is.Positive);
    }
}
