using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A folder of a test's own on the bpf filesystem, made when it is first used. Whatever is pinned there goes when it is disposed.</summary>
internal sealed class TestPins : IDisposable
{
    private static int s_count;

    public string Path { get; } = $"{BpfFileSystem.DefaultMountPoint}/datapath-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    /// <summary>A path inside, with its folder made.</summary>
    public string this[string name]
    {
        get
        {
            BpfFileSystem.CreateDirectory(Path);
            return $"{Path}/{name}";
        }
    }

    public void Dispose()
    {
        if (PinnedDatapath.Exists(Path))
            _ = PinnedDatapath.Uninstall(Path);
        else if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
