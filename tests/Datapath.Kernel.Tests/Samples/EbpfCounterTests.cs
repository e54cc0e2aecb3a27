using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>The getting-started program does what the documentation says.</summary>
[TestFixture]
internal sealed partial class EbpfCounterTests
{
    [Test]
    public void The_counter_tells_its_own_connections_by_destination()
    {
        var (exitCode, output, errors) = Run();
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(Lines(output), Is.EqualTo(new[] { "3 udp 127.0.0.1:7", "2 udp 127.0.0.2:53" }));
    }

    [Test]
    public void The_counter_tells_the_connections_of_the_cgroup_that_is_named_until_Enter_ends_it()
    {
        using var cgroup = new TestCgroup();
        using var process = Start(cgroup.Cgroup.Path);
        Eventually.True(
            () => process.HasExited || !AttachedCgroupPrograms.Query(cgroup.Cgroup, AttachType.CgroupInet4Connect).ProgramIds.IsEmpty, "the program is attached");
        using (var socket = new UdpClient())
            socket.Connect(IPAddress.Parse("127.0.0.3"), 9);
        process.StandardInput.WriteLine();
        var (exitCode, output, errors) = End(process);
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(Lines(output), Is.EqualTo(new[] { "1 udp 127.0.0.3:9" }));
    }

    [Test]
    public void A_cgroup_that_is_not_there_is_told_in_one_line()
    {
        var missing = $"{Cgroup2.FindMount().Path}/not-there";
        var (exitCode, output, errors) = Run(missing);
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors, Is.EqualTo($"open cgroup '{missing}': ENOENT (there is no such directory)\n"));
    }

    private static (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return End(process);
    }

    private static Process Start(params string[] arguments)
    {
        var start = DotnetHost.Prepare(Path.Combine(AppContext.BaseDirectory, "EbpfCounter.dll"), arguments);
        start.RedirectStandardInput = true;
        return Process.Start(start)!;
    }

    private static (int ExitCode, string Output, string Errors) End(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private static IEnumerable<string> Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => Spaces().Replace(line.Trim(), " "));

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
