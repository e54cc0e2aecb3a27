using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary>The pin folder, as the file system shows it to this user.</summary>
internal static class Pins
{
    /// <summary>Tells a folder that may not be seen from one that is not there.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not look.</exception>
    public static void ThrowIfHidden(string bpfRoot)
    {
        try
        {
            _ = File.GetAttributes(Path.Combine(bpfRoot, "maps"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // it is known not to be there
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException($"may not look into '{bpfRoot}'{Privileges.Hint()}", e);
        }
    }

    /// <summary>What is wrong with pins that somebody deleted, and what to do.</summary>
    /// <param name="bpfRoot">The pin folder.</param>
    /// <param name="agent">The agent that runs, if one does.</param>
    /// <returns><see langword="null"/> if none is missing.</returns>
    public static string? FindFault(string bpfRoot, int? agent)
    {
        var missing = PinnedDatapath.FindMissing(bpfRoot);
        if (missing.IsEmpty)
            return null;
        var advice = agent is { } process
            ? $"the state will not survive the agent, process {process}; start it again"
            : $"nobody can look at what is left; run the agent again, which makes them anew, or remove the rest: datapath-agent uninstall --bpf-root {bpfRoot}";
        return $"pins in '{bpfRoot}' are gone ({string.Join(", ", missing)}): {advice}";
    }

    /// <summary>The same for those who have not asked the agent yet.</summary>
    /// <exception cref="AgentException">The agent does not answer.</exception>
    public static async Task<string?> FindFaultAsync(string bpfRoot, CancellationToken cancellationToken) => PinnedDatapath.FindMissing(bpfRoot).IsEmpty
        ? null
        : FindFault(bpfRoot, (await AgentSocket.ReadObjectsAsync(bpfRoot, cancellationToken).ConfigureAwait(false))?.Pid);
}
