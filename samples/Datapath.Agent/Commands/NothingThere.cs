namespace Datapath.Agent.Commands;

/// <summary>The end of commands that find nothing to ask or to hear.</summary>
internal static class NothingThere
{
    public static async Task<int> EndAsync(string message)
    {
        await Console.Error.WriteLineAsync($"datapath-agent: {message}").ConfigureAwait(false);
        return ExitCode.NothingThere;
    }
}
