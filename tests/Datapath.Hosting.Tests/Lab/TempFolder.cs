using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>A folder of a test's own.</summary>
internal sealed partial class TempFolder : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("datapath-hosting-tests-").FullName;

    public TempFolder() => Directory.CreateDirectory(Path);

    /// <summary>The folder. The one above it is the test's own too.</summary>
    public string Path => this["manifests"];

    /// <summary>A path beside the folder, for what is not to be found in it.</summary>
    [SuppressMessage("Design", "CA1043:Use integral or string argument for indexers", Justification = "It is a string.")]
    public string this[string beside] => System.IO.Path.Combine(_home, beside);

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text) => File.WriteAllText(At(name), text);

    /// <summary>Replaces a file in one step, as careful editors do.</summary>
    public void Replace(string name, string text)
    {
        var temporary = this[$"new-{name}"];
        File.WriteAllText(temporary, text);
        File.Move(temporary, At(name), overwrite: true);
    }

    /// <summary>Points a symbolic link at another target in one step: a link beside it is renamed over it.</summary>
    public static void Swap(string link, string target)
    {
        var temporary = link + "_tmp";
        _ = File.CreateSymbolicLink(temporary, target);
        Assert.That(rename(temporary, link), Is.Zero); // File.Move takes no links to folders
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);
}
