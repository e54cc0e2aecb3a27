using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>
/// The types of a kernel: its structs with the places of their fields, its enums and its functions. Programs that are compiled once and
/// run on several kernels are fitted to them.
/// </summary>
/// <remarks>Minimum kernel: 5.4 for the types of the running kernel; none for those of a file.</remarks>
public sealed unsafe class KernelBtf
{
    private const string Folder = "/sys/kernel/btf/";
    private const string RunningKernel = Folder + "vmlinux";
    private static readonly Lock s_gate = new();
    private static KernelBtf? s_running;

    private KernelBtf(BtfIndex index) => (Index, Types) = (index, new(index));

    /// <summary>
    /// The types of the running kernel, read at the first use and kept while the process runs: from Linux 6.16 about 2 MB, because the kernel
    /// lends out its own memory; below about 8 MB. Minimum kernel: 5.4, built with <c>CONFIG_DEBUG_INFO_BTF</c>.
    /// </summary>
    /// <exception cref="LinuxException">The kernel has no <c>/sys/kernel/btf/vmlinux</c>, or it cannot be read.</exception>
    /// <exception cref="InvalidBpfObjectException">The file is broken.</exception>
    public static KernelBtf Running
    {
        get
        {
            if (Volatile.Read(ref s_running) is { } running)
                return running;
            lock (s_gate) // memory is borrowed once; a failure is not kept, as sysfs may be mounted later
                return s_running ??= new(BtfIndex.Parse(ReadBytes(RunningKernel, mayBorrow: true)));
        }
    }

    /// <summary>How many types there are, those of the base among them.</summary>
    public int Count => Index.Count;

    /// <summary>The types, to be looked at: read in place, nothing is made of a type but what is asked of it.</summary>
    public BtfTypes Types { get; }

    internal BtfIndex Index { get; }

    /// <summary>Reads a file of types, for example one made for a kernel that has none built in.</summary>
    /// <param name="path">A file in the format of <c>/sys/kernel/btf/vmlinux</c>: BTF without an ELF file round it.</param>
    /// <exception cref="LinuxException">The file cannot be read, or is no regular file.</exception>
    /// <exception cref="InvalidBpfObjectException">The file is no BTF, or contradicts itself.</exception>
    public static KernelBtf ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(BtfIndex.Parse(ReadBytes(path, mayBorrow: false)));
    }

    /// <summary>Reads a file of types that continue others, for example a module's.</summary>
    /// <param name="path">A file in the format of those in <c>/sys/kernel/btf</c>.</param>
    /// <param name="baseTypes">The types that it continues: those of the kernel that it was made for.</param>
    /// <exception cref="LinuxException">The file cannot be read, or is no regular file.</exception>
    /// <exception cref="InvalidBpfObjectException">The file is no BTF, contradicts itself, or <paramref name="baseTypes"/> themselves continue others.</exception>
    public static KernelBtf ReadFile(string path, KernelBtf baseTypes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(baseTypes);
        return new(BtfIndex.Parse(ReadBytes(path, mayBorrow: false), baseTypes.Index));
    }

    /// <summary>
    /// The types of the running kernel together with those of one of its modules, which follow them: programs that look into the module's
    /// structs are fitted to these. Minimum kernel: 5.11, built with <c>CONFIG_DEBUG_INFO_BTF_MODULES</c>.
    /// </summary>
    /// <param name="module">The module's name, such as <c>nf_conntrack</c>; it must be loaded, and not be built in.</param>
    /// <exception cref="ArgumentException">The name is none of a module.</exception>
    /// <exception cref="LinuxException">There is no such module, or it has no types.</exception>
    /// <exception cref="InvalidBpfObjectException">The module's types are broken.</exception>
    public static KernelBtf ReadModule(string module)
    {
        ArgumentException.ThrowIfNullOrEmpty(module);
        if (module is "vmlinux" || module.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{module}' is no name of a module", nameof(module));
        return ReadFile(Folder + module, Running);
    }

    /// <summary>Takes types from memory.</summary>
    /// <param name="btf">BTF without an ELF file round it. The bytes must not change later.</param>
    /// <exception cref="InvalidBpfObjectException">The bytes are no BTF, or contradict themselves.</exception>
    public static KernelBtf Parse(ReadOnlyMemory<byte> btf) => new(BtfIndex.Parse(btf));

    /// <summary>The number of the type of a function, as programs that are attached to it and calls of it (kfuncs) name it.</summary>
    /// <param name="name">The function's name.</param>
    /// <returns>The number, or 0 if the kernel has no such function, or none that programs may know of.</returns>
    public uint FindFunction(string name) => Find(BtfKind.Func, name).Id;

    internal BtfRecord Find(BtfKind kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Index.Find(kind, Encoding.UTF8.GetBytes(name));
    }

    // Linux 6.16 lends out the memory in which it has its own types: nothing is copied, and no page of it is this process's. An older
    // kernel copies them, a page per call.
    private static ReadOnlyMemory<byte> ReadBytes(string path, bool mayBorrow)
    {
        // Without O_NONBLOCK to open a FIFO is to wait for a writer.
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out var handle), $"read '{path}'");
        using (handle)
        {
            LinuxException.ThrowIfFailed(Libc.IsRegularFile(handle, out var isRegular), $"read what '{path}' is");
            if (!isRegular)
                throw new LinuxException($"read '{path}'", Errno.EINVAL, "it is no regular file");
            var size = RandomAccess.GetLength(handle);
            if (size > Array.MaxLength)
                throw new InvalidBpfObjectException($"BTF: '{path}' has {size} bytes");
            return mayBorrow && LentMemory.TryMap(handle, (int)size) is { } lent ? lent.Memory : Copy(handle, path, (int)size);
        }
    }

    // One buffer of the file's own size: it is megabytes.
    private static byte[] Copy(SafeFileHandle handle, string path, int size)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        var length = 0;
        while (length < bytes.Length)
        {
            nint read;
            fixed (byte* free = &bytes[length])
                read = Libc.read_file(handle, free, (nuint)(bytes.Length - length));
            var errno = read < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            if (errno is Errno.EINTR)
                continue;
            LinuxException.ThrowIfFailed(errno, $"read '{path}'");
            if (read == 0)
                throw new InvalidBpfObjectException($"BTF: '{path}' ends after {length} of {size} bytes");
            length += (int)read;
        }

        return bytes;
    }
}
