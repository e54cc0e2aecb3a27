using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// The file of the ip-masq-agent, read when it is asked for. One that is missing means the default list; one that cannot be read, is
/// malformed, or whose folder is gone leaves the last good list in force.
/// </summary>
public sealed class IPMasqAgentFile
{
    private readonly IPMasqAgentList _list;
    private readonly string _path;
    private bool _wasRead;

    /// <summary>Makes a reader.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock that file times are compared with; the system's by default.</param>
    public IPMasqAgentFile(string path = IPMasqAgentReader.DefaultPath, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        Folder = Path.GetDirectoryName(_path) ?? throw new ArgumentException($"'{path}' must be a file in a folder", nameof(path));
        (_list, Contents) = (new(_path), new(time ?? TimeProvider.System));
        Current = new(_list.List, []);
    }

    /// <summary>The list in force, and what there is to say about the file; the default list until it was read.</summary>
    public IPMasqAgentUpdate Current { get; private set; }

    /// <summary>The folder that the file is in, absolute.</summary>
    internal string Folder { get; }

    /// <summary>The file as it was read.</summary>
    internal ChangedFiles Contents { get; }

    /// <summary>Reads the file if it has changed.</summary>
    /// <returns>Whether the list in force, or what there is to say, is another.</returns>
    public bool Read()
    {
        Contents.Begin();
        var unreadable = ImmutableArray.CreateBuilder<Diagnostic>();
        if (!Directory.Exists(Folder))
            OnFolderMissing(unreadable);
        else if (Directory.Exists(_path))
            unreadable.Add(ChangedFiles.Unreadable(_path, "it is a folder"));
        else if (IsMissing())
            OnFileMissing();
        else if (Contents.ReadIfChanged(_path, unreadable) is { } content)
            Update(content);
        var before = Current;
        Current = new(_list.List, [.. unreadable, .. _list.Diagnostics]);
        return !Current.Equals(before);
    }

    /// <summary>
    /// Reads the file, and waits while it is being written. If it is not to be had for 10 s there is a warning, and the list before stays in
    /// force.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ReadSettledAsync(CancellationToken cancellationToken = default)
    {
        var patience = Contents.Patience;
        do
            _ = Read();
        while (await Contents.LookAgainAsync(patience, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A link that leads nowhere is not missing: it may be being swapped.</summary>
    private bool IsMissing() => !File.Exists(_path) && new FileInfo(_path).LinkTarget is null;

    /// <summary>A volume that was taken away says nothing of what was in it.</summary>
    private void OnFolderMissing(ImmutableArray<Diagnostic>.Builder unreadable) => unreadable.Add(
        _wasRead
            ? ChangedFiles.Unreadable(Folder, "there is no such folder")
            : new() { Severity = DiagnosticSeverity.Warning, File = Folder, Reason = "there is no such folder: the default list is in force" });

    private void OnFileMissing()
    {
        _ = Contents.ForgetAllBut(ImmutableHashSet<string>.Empty);
        Update(content: null);
    }

    private void Update(ReadOnlyMemory<byte>? content)
    {
        _wasRead = true;
        _ = _list.Update(content);
    }
}
