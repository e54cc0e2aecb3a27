using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// The types of a kernel: its structs with the places of their fields, its enums and its functions. Programs that are compiled once and
/// run on several kernels are fitted to them.
/// </summary>
/// <remarks>Minimum kernel: 5.4 for the types of the running kernel; none for those of a file.</remarks>
public sealed unsafe class KernelBtf
{
    private const string RunningKernel = "/sys/kernel/btf/vmlinux";
    private static KernelBtf? s_running;

    private KernelBtf(BtfIndex types) => Types = types;

    /// <summary>
    /// The types of the running kernel, read at the first use and kept while the process runs (about 9 MB). Minimum kernel: 5.4, built with
    /// <c>CONFIG_DEBUG_INFO_BTF</c>.
    /// </summary>
    /// <exception cref="LinuxException">The kernel has no <c>/sys/kernel/btf/vmlinux</c>, or it cannot be read.</exception>
    /// <exception cref="InvalidBpfObjectException">The file is broken.</exception>
    public static KernelBtf Running
    {
        get
        {
            // A failure is not kept: sysfs may be mounted later.
            var running = Volatile.Read(ref s_running);
            return running ?? Interlocked.CompareExchange(ref s_running, running = ReadFile(RunningKernel), null) ?? running;
        }
    }

    /// <summary>How many types there are.</summary>
    public int Count => Types.Count;

    internal BtfIndex Types { get; }

    /// <summary>Reads a file of types, for example one made for a kernel that has none built in.</summary>
    /// <param name="path">A file in the format of <c>/sys/kernel/btf/vmlinux</c>: BTF without an ELF file round it.</param>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    /// <exception cref="InvalidBpfObjectException">The file is no BTF, or contradicts itself.</exception>
    public static KernelBtf ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(BtfIndex.Parse(ReadBytes(path)));
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
        return Types.Find(kind, Encoding.UTF8.GetBytes(name));
    }

    // One buffer of the file's own size: it is megabytes.
    private static byte[] ReadBytes(string path)
    {
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(path, Libc.O_RDONLY, out var handle), $"read '{path}'");
        using (handle)
        {
            var size = RandomAccess.GetLength(handle);
            if (size > Array.MaxLength)
                throw new InvalidBpfObjectException($"BTF: '{path}' has {size} bytes");
            var bytes = GC.AllocateUninitializedArray<byte>((int)size);
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
}
