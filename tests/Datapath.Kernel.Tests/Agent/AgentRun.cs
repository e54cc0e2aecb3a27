namespace Datapath.Kernel.Tests.Agent;

/// <summary>What became of a command.</summary>
internal sealed record AgentRun(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines on standard error.</summary>
    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
