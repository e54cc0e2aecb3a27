using System.Diagnostics;

namespace Datapath.Architecture.Tests.Commands;

/// <summary>The agent, run in the folder of example manifests.</summary>
internal static class AgentProcess
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    public static string Manifests { get; } = Path.Combine(Repository.Root, "samples", "manifests");

    /// <summary>What a document leaves to the reader, as one of the examples.</summary>
    public static string Example(string word) => word switch
    {
        "DIR" or "manifests" => "dual-stack-web",
        "OLD" => "rolling-update/before",
        "NEW" => "rolling-update/after",
        _ => word,
    };

    /// <summary>What a command prints, errors last, without the spaces that end the lines of a table.</summary>
    public static (int ExitCode, string Output) Run(params string[] arguments)
    {
        var start = DotnetHost.Prepare(Path.Combine(AppContext.BaseDirectory, "datapath-agent.dll"), arguments);
        start.WorkingDirectory = Manifests;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        Assert.That(process.WaitForExit(s_longest), string.Join(' ', arguments));
        return (process.ExitCode, string.Concat(output.TrimEnd().Split('\n').Select(static line => line.TrimEnd() + '\n')));
    }
}
