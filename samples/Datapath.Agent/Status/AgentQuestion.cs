using System.Text;

namespace Datapath.Agent.Status;

/// <summary>What a command asks the agent: a word in a line.</summary>
internal static class AgentQuestion
{
    /// <summary>How the agent stands, and its datapath.</summary>
    public const string Status = "status";

    /// <summary>The same without what has to be asked of the kernel: for lists and names, which are asked for often.</summary>
    public const string Objects = "objects";

    /// <summary>What the kernel should hold. The agent works it out for this question only.</summary>
    public const string Expectation = "expectation";

    /// <summary>What the kernel holds, as the agent sees it: for those who have no pins to look by.</summary>
    public const string Kernel = "kernel";

    /// <summary>The flows that are translated.</summary>
    public const string Flows = "flows";

    /// <summary>How masquerading stands.</summary>
    public const string Nat = "nat";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Status, Objects, Expectation, Kernel, Flows, Nat];

    private const int LongestLine = 64;

    /// <summary>Reads the word. Who says nothing for a while, as commands of earlier versions do, asks for the status.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="patience">How long to wait for it.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    /// <returns><see langword="null"/> if the client has left, or closed its side, without a word.</returns>
    public static async Task<string?> ReadAsync(Stream client, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        var (buffer, length) = (new byte[LongestLine], 0);
        try
        {
            while (length < buffer.Length)
            {
                var read = await client.ReadAsync(buffer.AsMemory(length), limit.Token).ConfigureAwait(false);
                if (read == 0)
                    return length == 0 ? null : Word(buffer.AsSpan(0, length));
                length += read;
                if (buffer.AsSpan(0, length).IndexOf((byte)'\n') is >= 0 and var end)
                    return Word(buffer.AsSpan(0, end));
            }

            return Word(buffer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return length == 0 ? Status : Word(buffer.AsSpan(0, length));
        }
    }

    private static string Word(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line).Trim();
}
