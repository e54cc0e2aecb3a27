namespace Datapath.Hosting;

/// <summary>Where the log of mappings goes: a file that others may rotate, or standard output. A failed write leaves no part of a line behind in a file.</summary>
internal sealed class MappingLogOutput(string path) : IDisposable
{
    /// <summary>The name of standard output.</summary>
    public const string StandardOutput = "-";

    private Stream? _stream;
    private (string? File, string? Link) _place;

    public string Path => path;

    /// <summary>Appends whole lines.</summary>
    /// <exception cref="IOException">They could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        var stream = _stream ??= Open();
        if (!stream.CanSeek)
        {
            stream.Write(lines);
            return;
        }

        var end = stream.Length; // somebody may have cut the file
        stream.Position = end;
        try
        {
            stream.Write(lines);
        }
        catch (IOException) when (stream.Length > end)
        {
            stream.SetLength(end);
            throw;
        }
    }

    /// <summary>If the file was moved or deleted, the next line goes to a new one.</summary>
    public void FollowRotation()
    {
        if (_stream is not FileStream file || _place == PlaceOf(file))
            return;
        file.Dispose();
        _stream = null;
    }

    public void Dispose() => _stream?.Dispose();

    private Stream Open()
    {
        if (path is StandardOutput)
            return Console.OpenStandardOutput();
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead; // who spoke with whom is not everybody's business
        var file = new FileStream(path, options);
        _place = PlaceOf(file);
        return file;
    }

    // The kernel tells where an open file is by now, and that it is deleted; the path itself may be a link that leads elsewhere by now.
    private (string? File, string? Link) PlaceOf(FileStream file) => (
        File.ResolveLinkTarget($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName,
        File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null);
}
