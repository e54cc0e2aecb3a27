namespace Datapath.Hosting;

/// <summary>Credentials from a plugin, kept until they expire or a server does not accept them.</summary>
internal sealed class ExecCredentials(ExecPlugin plugin, string? installHint, TimeProvider time) : ICredentialSource, IDisposable
{
    /// <summary>So much of its life before its end a credential is replaced, so that no request comes too late with it.</summary>
    private const double LastPart = 0.1;
    private static readonly TimeSpan s_longestLastPart = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1); // one run serves all who wait
    private volatile Held? _held;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        if (Find() is { } found)
            return found;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Find() ?? await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _ = _one.Release();
        }
    }

    public void Reject(Credential credential)
    {
        if (_held is { } held && ReferenceEquals(held.Credential, credential))
            _held = null;
    }

    public void Dispose() => _one.Dispose();

    private Credential? Find() => _held is { } held && (held.ReplaceAt is null || time.GetUtcNow() < held.ReplaceAt) ? held.Credential : null;

    private async Task<Credential> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await ExecProcess.RunAsync(plugin, ExecProtocol.Ask(plugin), cancellationToken).ConfigureAwait(false);
            var (credential, expires) = ExecProtocol.Read(answer, plugin);
            _held = new(credential, ReplaceAt(expires));
            return credential;
        }
        catch (CredentialException e)
        {
            throw new CredentialException($"credential plugin '{plugin.Command}': {e.Message}{(installHint is null ? "" : $" ({installHint})")}", e);
        }
    }

    private DateTimeOffset? ReplaceAt(DateTimeOffset? expires)
    {
        if (expires is not { } end)
            return null;
        var last = (end - time.GetUtcNow()) * LastPart;
        return end - (last < s_longestLastPart ? last : s_longestLastPart);
    }

    /// <param name="Credential">The credential.</param>
    /// <param name="ReplaceAt">When not to use it any more; <see langword="null"/>: not before it is refused.</param>
    private sealed record Held(Credential Credential, DateTimeOffset? ReplaceAt);
}
