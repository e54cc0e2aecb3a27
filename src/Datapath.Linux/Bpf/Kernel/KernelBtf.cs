using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// The types of a kernel: its structs with the places of their fields, its enums and its functions. Programs that are compiled once and
/// run on several kernels are fitted to them.
/// </summary>
/// <remarks>Minimum kernel: 5.4 for the types of the running kernel; none for those of a file.</remarks>
public sealed class KernelBtf
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
                return s_running ??= new(BtfIndex.Parse(KernelTypeFile.ReadRunning(RunningKernel)));
        }
    }

    /// <summary>How many types there are, those of the base among them.</summary>
    public int Count => Index.Count;

    /// <summary>The types, to be looked at: read in place, nothing is made of a type but what is asked of it.</summary>
    public BtfTypes Types { get; }

    internal BtfIndex Index { get; }

    /// <summary>Reads a file of types, for example one made for a kernel that has none built in.</summary>
    /// <param name="path">A file in the format of <c>/sys/kernel/btf/vmlinux</c>, or an ELF file with a section <c>.BTF</c>, such as the vmlinux of a debug package.</param>
    /// <exception cref="LinuxException">The file cannot be read, or is no regular file.</exception>
    /// <exception cref="InvalidBpfObjectException">The file holds no BTF, or contradicts itself.</exception>
    public static KernelBtf ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(BtfIndex.Parse(KernelTypeFile.Read(path)));
    }

    /// <summary>Reads a file of types that continue others, for example a module's.</summary>
    /// <param name="path">A file in the format of those in <c>/sys/kernel/btf</c>, or an ELF file with a section <c>.BTF</c>, as modules are.</param>
    /// <param name="baseTypes">The types that it continues: those of the kernel that it was made for.</param>
    /// <exception cref="LinuxException">The file cannot be read, or is no regular file.</exception>
    /// <exception cref="InvalidBpfObjectException">The file holds no BTF, contradicts itself, or <paramref name="baseTypes"/> themselves continue others.</exception>
    public static KernelBtf ReadFile(string path, KernelBtf baseTypes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(baseTypes);
        return new(BtfIndex.Parse(KernelTypeFile.Read(path), baseTypes.Index));
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

    /// <summary>The names of the modules that are loaded now and have types, in order.</summary>
    internal static IEnumerable<string> ListModules() =>
        Directory.EnumerateFiles(Folder).Select(static path => Path.GetFileName(path)).Where(static name => name is not "vmlinux").Order(StringComparer.Ordinal);

    /// <summary>Takes types from memory.</summary>
    /// <param name="btf">What <see cref="ReadFile(string)"/> reads from a file. The bytes must not change later.</param>
    /// <exception cref="InvalidBpfObjectException">The bytes hold no BTF, or contradict themselves.</exception>
    public static KernelBtf Parse(ReadOnlyMemory<byte> btf) =>
        new(BtfIndex.Parse(BtfContainer.Open("what is to be parsed", (offset, length) => btf.Slice((int)offset, length), btf.Length)));

    /// <summary>The number of the type of a function, as programs that are attached to it and calls of it (kfuncs) name it.</summary>
    /// <param name="name">The function's name.</param>
    /// <returns>The number, or 0 if the kernel has no such function, or none that programs may know of.</returns>
    public uint FindFunction(string name) => Find(BtfKind.Func, name).Id;

    internal BtfRecord Find(BtfKind kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Index.Find(kind, Encoding.UTF8.GetBytes(name));
    }
}
