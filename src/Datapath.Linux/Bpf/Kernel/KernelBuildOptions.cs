using System.IO.Compression;
using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>The options that a kernel was built with: <c>/proc/config.gz</c>, or the file of its package in <c>/boot</c>.</summary>
internal sealed class KernelBuildOptions
{
    private const string OwnFile = "/proc/config.gz";

    private readonly Dictionary<string, string> _values = [];

    private KernelBuildOptions(TextReader text)
    {
        // "CONFIG_HZ=250"; what is not set stands in comments.
        while (text.ReadLine() is { } line)
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.StartsWith("CONFIG_", StringComparison.Ordinal) && equals > 0)
                _values[line[..equals]] = line[(equals + 1)..].Trim();
        }
    }

    /// <summary>Reads those of the running kernel.</summary>
    /// <exception cref="LinuxException">There is no such file.</exception>
    public static KernelBuildOptions ReadRunning()
    {
        var packaged = $"/boot/config-{KernelRelease.Running.Text}";
        if (!File.Exists(OwnFile) && !File.Exists(packaged))
            throw new LinuxException("read the options that the kernel was built with", Errno.ENOENT, $"neither {OwnFile} (CONFIG_IKCONFIG_PROC) nor {packaged} exists; set the variables before the load");
        using Stream file = File.OpenRead(File.Exists(OwnFile) ? OwnFile : packaged);
        using var plain = File.Exists(OwnFile) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var text = new StreamReader(plain, Encoding.UTF8);
        return Parse(text);
    }

    public static KernelBuildOptions Parse(TextReader text) => new(text);

    /// <summary>The value of an option as the file has it, or <see langword="null"/> if it is not set.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);
}
