namespace Datapath.Kernel.Tests.Agent;

/// <summary>What became of a command.</summary>
internal sealed record AgentRun(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines on standard output, with one space between the columns.</summary>
    public string[] OutputLines =>
    [
        .. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
    ];

    /// <summary>The lines on standard error.</summary>
    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
