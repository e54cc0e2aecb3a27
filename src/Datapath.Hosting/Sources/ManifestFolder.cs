using System.Collections.Immutable;
using System.Security.Cryptography;
using Datapath.Linux.Files;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// A folder of manifests, read when it is asked for: the files <c>*.yaml</c>, <c>*.yml</c> and <c>*.json</c> in it, not those in folders below
/// and not those whose name starts with a dot. A file that has not changed is not read again.
/// </summary>
public sealed class ManifestFolder
{
    /// <summary>A file that was changed this short a time before it was read may change again without its time stamp telling.</summary>
    private static readonly TimeSpan s_timestampGrain = TimeSpan.FromSeconds(2);

    /// <summary>A file that is not to be had for this long is worth a word.</summary>
    private static readonly TimeSpan s_longWait = TimeSpan.FromSeconds(10);

    /// <summary>How soon to look again at files that were being written.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

    /// <summary>No manifest is this long; a file of this length is something else.</summary>
    private const long LongestFile = 256 << 20;

    private readonly TimeProvider _time;
    private readonly Dictionary<string, DateTimeOffset> _waiting = new(StringComparer.Ordinal);
    private readonly ManifestSet _manifests = new();
    private readonly Dictionary<string, Known> _files = new(StringComparer.Ordinal);
    private ImmutableArray<Diagnostic> _unreadable = [];

    /// <summary>Makes a reader.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="time">The clock that file times are compared with; the system's by default.</param>
    public ManifestFolder(string path, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    /// <summary>What there is to say about the files as they are now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => [.. _unreadable, .. _manifests.Diagnostics];

    /// <summary>Whether the last reading left a file out because it was being written: read again soon.</summary>
    public bool IsUnsettled { get; private set; }

    /// <summary>
    /// Reads what has changed. A file that cannot be read, and a folder that is gone, keep what they told last: to lose sight of objects is
    /// not to delete them.
    /// </summary>
    /// <returns>What changes.</returns>
    public ObjectBatch Read()
    {
        IsUnsettled = false;
        var unreadable = ImmutableArray.CreateBuilder<Diagnostic>();
        var changed = new List<ManifestFile>();
        if (ListFiles(unreadable) is { } files)
        {
            foreach (var gone in _waiting.Keys.Except(files).ToArray())
                _ = _waiting.Remove(gone);
            foreach (var gone in _files.Keys.Except(files).ToArray())
            {
                _ = _files.Remove(gone);
                changed.Add(new(gone, null));
            }

            foreach (var file in files)
            {
                if (ReadIfChanged(file, unreadable) is { } content)
                    changed.Add(ManifestFile.FromUtf8(file, content));
            }
        }

        var isNews = !unreadable.SequenceEqual(_unreadable);
        _unreadable = unreadable.ToImmutable();
        var batch = _manifests.Apply([.. changed]);
        return batch with
        {
            Diagnostics = isNews ? [.. _unreadable, .. batch.Diagnostics] : batch.Diagnostics,
            IsPartial = IsUnsettled || Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error),
        };
    }

    /// <summary>
    /// Reads what has changed and waits for files that are being written, since they belong to it. A file that is not to be had for 10 s is
    /// left out, and there is a warning about it.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What changes.</returns>
    public async Task<ObjectBatch> ReadSettledAsync(CancellationToken cancellationToken = default)
    {
        var patience = _time.GetUtcNow() + s_longWait;
        var all = Read();
        while (IsUnsettled && _time.GetUtcNow() < patience)
        {
            await Task.Delay(s_again, _time, cancellationToken).ConfigureAwait(false);
            var more = Read();
            all = new(
                [.. all.Upserted.Where(o => !more.Deleted.Contains(o.Key)), .. more.Upserted],
                [.. all.Deleted, .. more.Deleted],
                [.. all.Diagnostics, .. more.Diagnostics])
            {
                IsPartial = more.IsPartial,
                Refused = [.. all.Refused.Where(o => !more.NoLongerRefused.Contains(o.Object)), .. more.Refused],
                NoLongerRefused = [.. all.NoLongerRefused, .. more.NoLongerRefused],
            };
        }

        return all;
    }

    /// <summary>
    /// Something happened to these names: the files are read at the next time even if their sizes and times are as they were. A name that is
    /// no file's may be a folder that links lead through, as <c>..data</c> of a ConfigMap.
    /// </summary>
    internal void Distrust(IEnumerable<string> names)
    {
        var paths = names.Select(name => System.IO.Path.Combine(Path, name)).ToHashSet(StringComparer.Ordinal);
        var isLinkSuspect = paths.Any(path => !_files.ContainsKey(path));
        Distrust((path, known) => paths.Contains(path) || (isLinkSuspect && known.Stamp.Target != path));
    }

    /// <summary>Something happened, and nobody knows to what: all files are read at the next time.</summary>
    internal void Distrust() => Distrust(static (_, _) => true);

    private void Distrust(Func<string, Known, bool> isSuspect)
    {
        foreach (var (path, known) in _files.ToArray())
        {
            if (isSuspect(path, known))
                _files[path] = known with { IsRecent = true };
        }
    }

    private HashSet<string>? ListFiles(ImmutableArray<Diagnostic>.Builder unreadable)
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path).Where(IsManifest)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(Unreadable(Path, e));
            return null;
        }
    }

    private static bool IsManifest(string file)
    {
        var name = System.IO.Path.GetFileName(file.AsSpan());
        return name[0] != '.'
            && (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase));
    }

    private byte[]? ReadIfChanged(string path, ImmutableArray<Diagnostic>.Builder unreadable)
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
            _files[path] = new(before, hash, _time.GetUtcNow().UtcDateTime - before.Written < s_timestampGrain);
            return known is not null && known.Hash.AsSpan().SequenceEqual(hash) ? null : content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Replaced at this moment, as editors and ConfigMaps do; if it is gone for good the next listing says so.
            return Wait(path, "is a link that leads nowhere", unreadable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(Unreadable(path, e));
            return null;
        }
    }

    private byte[]? Wait(string path, string why, ImmutableArray<Diagnostic>.Builder unreadable)
    {
        IsUnsettled = true;
        var now = _time.GetUtcNow();
        if (!_waiting.TryGetValue(path, out var since))
            _waiting.Add(path, since = now);
        if (now - since >= s_longWait)
            unreadable.Add(new() { Severity = DiagnosticSeverity.Warning, File = path, Reason = $"{why}: keeps what it told last" });
        return null;
    }

    private static byte[] ReadAll(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static Diagnostic Unreadable(string file, Exception e) =>
        new() { Severity = DiagnosticSeverity.Error, File = file, Reason = $"cannot be read, keeps what it told last: {e.Message}" };

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
