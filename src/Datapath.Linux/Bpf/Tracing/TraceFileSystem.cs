namespace Datapath.Linux.Bpf;

/// <summary>tracefs, which tells the numbers of tracepoints.</summary>
internal static class TraceFileSystem
{
    private const string Mount = "/sys/kernel/tracing";

    // Systems before Linux 4.1 and many since show it inside of debugfs.
    private static readonly string[] s_usual = [Mount, "/sys/kernel/debug/tracing"];

    /// <summary>The number of a tracepoint, by which perf_event_open(2) knows it.</summary>
    /// <exception cref="LinuxException">There is no such tracepoint, or tracefs is not mounted; the message says how to mount it.</exception>
    public static uint ReadTracepointId(string category, string name)
    {
        ThrowIfNoFileName(category, nameof(category));
        ThrowIfNoFileName(name, nameof(name));
        var operation = $"find tracepoint '{category}/{name}'";
        var events = FindEvents(operation);
        var errno = KernelFile.TryRead($"{events}/{category}/{name}/id", out var text);
        if (errno is Errno.ENOENT)
            throw new LinuxException(operation, errno, $"this kernel has no such tracepoint; {events} lists those that it has");
        if (errno is Errno.EACCES or Errno.EPERM)
            throw new LinuxException(operation, errno, "needs root");
        LinuxException.ThrowIfFailed(errno, operation);
        return uint.TryParse(text.AsSpan().Trim(), out var id) ? id : throw new LinuxException(operation, Errno.EINVAL, $"'{text.Trim()}' is no number");
    }

    private static string FindEvents(string operation)
    {
        // Looking at the usual places first spares reading the table of mounts.
        var mounts = s_usual.Concat(MountInfo.ReadCurrent().Where(static m => m.FileSystemType == "tracefs").Select(static m => m.MountPoint));
        var denied = false;
        foreach (var mount in mounts)
        {
            var errno = KernelFile.TryOpen(mount + "/events", Libc.O_RDONLY, out var handle);
            handle.Dispose();
            if (errno is Errno.None)
                return mount + "/events";
            denied |= errno is Errno.EACCES or Errno.EPERM;
        }

        throw denied
            ? new LinuxException(operation, Errno.EACCES, "needs root: tracefs may not be read")
            : new LinuxException(
                operation,
                Errno.ENOENT,
                Directory.Exists(Mount)
                    ? $"tracefs is not mounted; run: mount -t tracefs tracefs {Mount}; in a container, mount the host's {Mount} into it"
                    : "this kernel has no tracepoints for perf events (CONFIG_EVENT_TRACING), or sysfs is not mounted");
    }

    private static void ThrowIfNoFileName(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        if (text.Contains('/', StringComparison.Ordinal) || text is "." or "..")
            throw new ArgumentException($"'{text}' is no name of a tracepoint or its category", parameter);
    }
}
