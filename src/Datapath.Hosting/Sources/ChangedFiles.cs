using System.Collections.Immutable;
using System.Security.Cryptography;
using Datapath.Linux.Files;
using Datapath.Policy;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Hosting;

/// <summary>
/// Reads files that have changed since they were read. One that is being written waits, one that cannot be read is told of; what either told
/// last stays with whoever asks.
/// </summary>
internal sealed class ChangedFiles(TimeProvider time)
{
    /// <summary>A file that was changed this short a time before it was read may change again without its time stamp telling.</summary>
    private static readonly TimeSpan s_timestampGrain = TimeSpan.FromSeconds(2);

    /// <summary>A file that is not to be had for this long is worth a word.</summary>
    private static readonly TimeSpan s_longWait = TimeSpan.FromSeconds(10);

    /// <summary>How soon to look again at files that were being written.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

    /// <summary>No manifest is this long; a file of this length is something else.</summary>
    private const long LongestFile = 256 << 20;

    private readonly Dictionary<string, DateTimeOffset> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Known> _files = new(StringComparer.Ordinal);

    /// <summary>Whether a file of this round was left out because it was being written: read again soon.</summary>
    public bool IsUnsettled { get; private set; }

    /// <summary>Until when to wait for files that are being written, from now on.</summary>
    public DateTimeOffset Patience => time.GetUtcNow() + s_longWait;

    /// <summary>Begins a round of readings.</summary>
    public void Begin() => IsUnsettled = false;

    /// <summary>Waits a moment if a file of the last round was being written.</summary>
    /// <param name="latest">When not to wait any more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether to read again.</returns>
    public async Task<bool> LookAgainAsync(DateTimeOffset latest, CancellationToken cancellationToken)
    {
        if (!IsUnsettled || time.GetUtcNow() >= latest)
            return false;
        await Task.Delay(s_again, time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Forgets files that are gone.</summary>
    /// <param name="present">Those that are there.</param>
    /// <returns>Those that had been read.</returns>
    public string[] ForgetAllBut(IReadOnlySet<string> present)
    {
        foreach (var gone in _waiting.Keys.Where(path => !present.Contains(path)).ToArray())
            _ = _waiting.Remove(gone);
        string[] known = [.. _files.Keys.Where(path => !present.Contains(path))];
        foreach (var gone in known)
            _ = _files.Remove(gone);
        return known;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="unreadable">Takes why it cannot be read.</param>
    /// <returns>Its content; <see langword="null"/> if that is what it was, or cannot be had.</returns>
    public byte[]? ReadIfChanged(string path, ImmutableArray<Diagnostic>.Builder unreadable)
    {
        try
        {
            var before = Stamp.Of(path);
            _ = _files.TryGetValue(path, out var known);
            if (known is not null && known.Stamp == before && !known.IsRecent)
                return null;

            if (before.Length > LongestFile)
                throw new IOException($"it has {before.Length} bytes, more than {LongestFile}");
            byte[] content;
            using (var handle = RegularFile.OpenForReading(path))
            {
                if (FileWriters.Exist(handle))
                    return Wait(path, "is still open for writing", unreadable);

                content = ReadAll(handle);
            }

            if (Stamp.Of(path) != before)
                return Wait(path, "changes while it is read", unreadable);
            _ = _waiting.Remove(path);

            var hash = SHA256.HashData(content);
            _files[path] = new(before, hash, time.GetUtcNow().UtcDateTime - before.Written < s_timestampGrain);
            return known is not null && known.Hash.AsSpan().SequenceEqual(hash) ? null : content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Replaced at this moment, as editors and ConfigMaps do; if it is gone for good the next look says so.
            return Wait(path, "is a link that leads nowhere", unreadable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(Unreadable(path, e.Message));
            return null;
        }
    }

    /// <summary>
    /// Something happened to names in a folder: the files are read at the next time even if their sizes and times are as they were. A name
    /// that is no file's may be a folder that links lead through, as <c>..data</c> of a ConfigMap.
    /// </summary>
    public void Distrust(string folder, IEnumerable<string> names)
    {
        var paths = names.Select(name => Path.Combine(folder, name)).ToHashSet(StringComparer.Ordinal);
        var isLinkSuspect = paths.Any(path => !_files.ContainsKey(path));
        Distrust((path, known) => paths.Contains(path) || (isLinkSuspect && known.Stamp.Target != path));
    }

    /// <summary>Something happened, and nobody knows to what: all files are read at the next time.</summary>
    public void Distrust() => Distrust(static (_, _) => true);

    public static Diagnostic Unreadable(string file, string why) =>
        new() { Severity = DiagnosticSeverity.Error, File = file, Reason = $"cannot be read, keeps what it told last: {why}" };

    private void Distrust(Func<string, Known, bool> isSuspect)
    {
        foreach (var (path, known) in _files.ToArray())
        {
            if (isSuspect(path, known))
                _files[path] = known with { IsRecent = true };
        }
    }

    private byte[]? Wait(string path, string why, ImmutableArray<Diagnostic>.Builder unreadable)
    {
        IsUnsettled = true;
        var now = time.GetUtcNow();
        if (!_waiting.TryGetValue(path, out var since))
            _waiting.Add(path, since = now);
        if (now - since >= s_longWait)
            unreadable.Add(new() { Severity = DiagnosticSeverity.Warning, File = path, Reason = $"{why}: keeps what it told last" });
        return null;
    }

    private static byte[] ReadAll(SafeFileHandle handle)
    {
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <param name="Stamp">What it was when it was read.</param>
    /// <param name="Hash">What was in it.</param>
    /// <param name="IsRecent">Whether it had been written so short a time before that the stamp proves nothing.</param>
    private sealed record Known(Stamp Stamp, byte[] Hash, bool IsRecent);

    /// <summary>What changes when a file is replaced or written. The target tells of a link that leads elsewhere.</summary>
    private readonly record struct Stamp(string Target, long Length, DateTime Written)
    {
        public static Stamp Of(string path)
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            var info = new FileInfo(target);
            return new(target, info.Length, info.LastWriteTimeUtc);
        }
    }
}
