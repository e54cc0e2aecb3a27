using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// The functions of the kernel's modules that are loaded now. They are read one after the other, and only while something is looked for that the kernel itself does not
/// have; what was read is kept for one load of an object, because modules come and go.
/// </summary>
internal sealed class KernelModules : IDisposable
{
    private readonly List<(string Name, KernelBtf Types)> _read = [];
    private readonly Dictionary<string, SafeBpfHandle> _open = [];
    private Queue<string>? _unread;

    /// <summary>Finds a function.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The number of its type and the module that has it; <see langword="null"/> if none has.</returns>
    /// <exception cref="LinuxException">The types of a module cannot be read.</exception>
    public (uint Type, string Module)? FindFunction(string name)
    {
        for (var i = 0; i < _read.Count || TryReadNext(); i++)
        {
            if (_read[i].Types.FindFunction(name) is not 0 and var type)
                return (type, _read[i].Name);
        }

        return null;
    }

    /// <summary>A descriptor of a module's types, by which the kernel knows the module. It stays this object's.</summary>
    /// <param name="module">The module's name.</param>
    /// <exception cref="BpfException">The kernel refused: EPERM without CAP_SYS_ADMIN.</exception>
    /// <exception cref="MissingFromKernelException">The module was unloaded meanwhile.</exception>
    public SafeBpfHandle Open(string module)
    {
        if (_open.TryGetValue(module, out var known))
            return known;
        foreach (var handle in ObjectIds.Types.OpenAll())
        {
            try
            {
                if (BtfObjects.ReadDetails(handle) is { IsModule: true } details && details.Name == module)
                    _open.Add(module, handle);
            }
            finally
            {
                if (!_open.ContainsKey(module))
                    handle.Dispose();
            }

            if (_open.ContainsKey(module))
                return handle;
        }

        throw new MissingFromKernelException(module, $"module '{module}' was unloaded while a program was made for it");
    }

    public void Dispose()
    {
        foreach (var handle in _open.Values)
            handle.Dispose();
    }

    private bool TryReadNext()
    {
        _unread ??= new(KernelBtf.ListModules());
        while (_unread.TryDequeue(out var name))
        {
            try
            {
                _read.Add((name, KernelBtf.ReadModule(name)));
                return true;
            }
            catch (Exception e) when (e is LinuxException { Errno: Errno.ENOENT } or InvalidBpfObjectException)
            {
                // Unloaded meanwhile, or with types that are not known here: then it has no function that could be told of. Who needs one is told that it is missing.
            }
        }

        return false;
    }
}
