using Datapath.Linux.Files;

namespace Datapath.Hosting;

/// <summary>Where the log of mappings goes: a file that others may rotate, a pipe, or standard output. Nothing here waits for who reads.</summary>
internal sealed class MappingLogOutput(string path) : IDisposable
{
    /// <summary>The name of standard output.</summary>
    public const string StandardOutput = "-";

    private LineAppender? _file;
    private (string? File, string? Link) _place;

    public string Path => path;

    /// <summary>Appends whole lines.</summary>
    /// <returns>How many bytes were taken; there is no room for the rest.</returns>
    /// <exception cref="IOException">They could not be written.</exception>
    public int Append(ReadOnlySpan<byte> lines)
    {
        _file ??= Open();
        try
        {
            return _file.Append(lines);
        }
        catch (IOException)
        {
            Close(); // a pipe may have another reader by then
            throw;
        }
    }

    /// <summary>If the file was moved or deleted, the next line goes to a new one.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public void FollowRotation()
    {
        if (_file is not null && path is not StandardOutput && _place != PlaceOf(_file))
            Close();
    }

    public void Dispose() => Close();

    private LineAppender Open()
    {
        if (path is StandardOutput)
            return LineAppender.OpenStandardOutput();
        var file = LineAppender.Open(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead); // who spoke with whom is not everybody's business
        _place = PlaceOf(file);
        return file;
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    // The kernel tells where an open file is by now, and that it is deleted; the path itself may be a link that leads elsewhere by now.
    private (string? File, string? Link) PlaceOf(LineAppender file) => (
        File.ResolveLinkTarget($"/proc/self/fd/{file.Handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName,
        File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null);
}
