using System.Text;

namespace Datapath.Policy;

/// <summary>A manifest file as it is now.</summary>
public readonly record struct ManifestFile
{
    /// <summary>Makes a file of a text.</summary>
    /// <param name="path">Its path. Any text will do; the ordinal order of the paths decides between copies of an object.</param>
    /// <param name="text">Its content; <see langword="null"/> if the file is gone.</param>
    public ManifestFile(string path, string? text)
        : this(path, text is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(text))
    {
    }

    private ManifestFile(string path, ReadOnlyMemory<byte>? content)
    {
        ArgumentNullException.ThrowIfNull(path);
        (Path, Content) = (path, content);
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Its content in UTF-8; <see langword="null"/> if the file is gone.</summary>
    public ReadOnlyMemory<byte>? Content { get; }

    /// <summary>Makes a file of the bytes in it.</summary>
    /// <param name="path">Its path, as in the constructor.</param>
    /// <param name="content">Its content in UTF-8. Bytes that are something else are refused when they are read.</param>
    public static ManifestFile FromUtf8(string path, ReadOnlyMemory<byte> content) => new(path, (ReadOnlyMemory<byte>?)content);
}
