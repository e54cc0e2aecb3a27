using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Datapath.Agent.Commands;
using Datapath.Agent.Output;

namespace Datapath.Agent.Status;

/// <summary>Where a running agent answers: a Unix socket named after its pin folder. Whoever connects says what it wants and is sent one answer.</summary>
internal static class AgentSocket
{
    private const string Folder = "/run/datapath";
    private const int LongestName = 40;
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>The path of the socket: short enough for an address, and another one for each pin folder.</summary>
    public static string PathOf(string bpfRoot)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(bpfRoot));
        var name = Path.GetFileName(root);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)).AsSpan(0, 4));
        return Path.Combine(Folder, $"{name[..Math.Min(name.Length, LongestName)]}-{hash}.sock");
    }

    /// <summary>Asks the agent how it stands, and its datapath; <see langword="null"/> if none runs.</summary>
    /// <exception cref="AgentException">It does not answer.</exception>
    public static Task<AgentReport?> ReadAsync(string bpfRoot, CancellationToken cancellationToken) =>
        AskAsync(bpfRoot, AgentQuestion.Status, static answer => answer.Report, cancellationToken);

    /// <summary>Asks the agent for services, policies and pods; <see langword="null"/> if none runs.</summary>
    /// <exception cref="AgentException">It does not answer.</exception>
    public static Task<AgentReport?> ReadObjectsAsync(string bpfRoot, CancellationToken cancellationToken) =>
        AskAsync(bpfRoot, AgentQuestion.Objects, static answer => answer.Report, cancellationToken);

    /// <summary>Asks the agent what the kernel should hold; <see langword="null"/> if none runs.</summary>
    /// <exception cref="AgentException">It does not answer.</exception>
    public static Task<AgentExpectation?> ReadExpectationAsync(string bpfRoot, CancellationToken cancellationToken) =>
        AskAsync(bpfRoot, AgentQuestion.Expectation, static answer => answer.Expectation, cancellationToken);

    /// <summary>Asks the agent what the kernel holds; <see langword="null"/> if none runs.</summary>
    /// <exception cref="AgentException">It does not answer.</exception>
    public static Task<IReadOnlyList<KernelRow>?> ReadKernelAsync(string bpfRoot, CancellationToken cancellationToken) =>
        AskAsync(bpfRoot, AgentQuestion.Kernel, static answer => answer.Kernel, cancellationToken);

    /// <summary>Asks the agent about masquerading; <see langword="null"/> if none runs.</summary>
    /// <exception cref="AgentException">It does not answer.</exception>
    public static Task<AgentNat?> ReadNatAsync(string bpfRoot, string question, CancellationToken cancellationToken) =>
        AskAsync(bpfRoot, question, static answer => answer.Nat, cancellationToken);

    /// <summary>Refuses to go on beside a running agent.</summary>
    /// <exception cref="AgentException">One runs.</exception>
    public static void ThrowIfAgentRuns(string bpfRoot)
    {
        using var socket = Connect(bpfRoot);
        if (socket is not null)
            throw new AgentException($"process {PeerOf(socket)} already manages '{bpfRoot}'; stop it first");
    }

    /// <summary>Deletes what an agent that was killed left behind.</summary>
    public static void RemoveStale(string bpfRoot)
    {
        if (File.Exists(PathOf(bpfRoot))) // its folder may be missing too
            File.Delete(PathOf(bpfRoot));
    }

    private static async Task<T?> AskAsync<T>(string bpfRoot, string question, Func<AgentAnswer, T?> part, CancellationToken cancellationToken)
        where T : class
    {
        using var socket = Connect(bpfRoot);
        if (socket is null)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(question + "\n"), limit.Token).ConfigureAwait(false);
            var answer = await JsonSerializer.DeserializeAsync(stream, AnswerJson.Readable.AgentAnswer, limit.Token).ConfigureAwait(false);
            return (answer is null ? null : part(answer)) ?? throw new AgentException($"the agent, process {PeerOf(socket)}, {answer?.Error ?? "is of another version and answers something else; restart it"}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException($"the agent, process {PeerOf(socket)}, does not answer");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new AgentException("the agent ended in the middle of its answer");
        }
    }

    private static Socket? Connect(string bpfRoot)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(PathOf(bpfRoot)));
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            if (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
                return null; // a socket that an agent left behind, or none
            throw new AgentException($"cannot ask the agent at '{PathOf(bpfRoot)}': {e.Message}{Privileges.Hint()}");
        }
    }

    /// <summary>The process that listens. The kernel says so: the agent need not answer.</summary>
    private static int PeerOf(Socket socket)
    {
        Span<int> credentials = stackalloc int[3]; // struct ucred: pid, uid, gid
        _ = socket.GetRawSocketOption(SolSocket, SoPeerCred, MemoryMarshal.AsBytes(credentials));
        return credentials[0];
    }
}

/// <summary>An agent stands in the way, or cannot be asked.</summary>
internal sealed class AgentException(string message) : Exception(message);
