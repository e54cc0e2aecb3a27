using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>
/// A kernel that does little and can be told to fail. It knows hash maps, programs, links, types and pins; what it does not know it answers
/// with EINVAL, as an old kernel does. Descriptors are real (of empty memory), so closing them is too.
/// </summary>
internal sealed unsafe partial class FakeKernel : KernelDouble
{
    private static int s_lastNumber;

    private readonly Dictionary<BpfCommand, Handler> _handlers = [];
    private readonly Dictionary<int, object> _objects = [];
    private readonly Dictionary<int, string> _descriptors = [];

    /// <summary>Answers a call in place of the kernel.</summary>
    public delegate Errno Handler(void* attr, ref int result);

    public override Version Release => new(Kernel);

    public string Kernel { get; init; } = "6.12";

    /// <summary>What the thread may do; everything by default.</summary>
    public LinuxCapabilities Effective { get; init; } = (LinuxCapabilities)0x1ffffffffff;

    /// <summary>Files of procfs and sysfs that differ from those of a free process on a free machine.</summary>
    public Dictionary<string, string> Texts { get; } = [];

    public Errno Memlock { get; init; }

    public int MemlockLifts { get; private set; }

    /// <summary>The calls so far.</summary>
    public List<BpfCommand> Calls { get; } = [];

    /// <summary>The map that was made last.</summary>
    public FakeMap LastMap { get; private set; } = null!;

    public Dictionary<string, object> Pins { get; } = [];

    /// <summary>Which call of all is to fail, counted from 0, and how.</summary>
    public (int Call, Errno Errno)? Fault { get; init; }

    /// <summary>The descriptors that it gave away and that nobody has closed.</summary>
    public IEnumerable<string> Open =>
        from d in _descriptors
        where new FileInfo($"/proc/self/fd/{d.Key}").LinkTarget?.Contains(d.Value, StringComparison.Ordinal) is true
        select d.Value;

    /// <summary>Answers some calls with errors, in turn, and the rest as before.</summary>
    public FakeKernel Fail(BpfCommand command, params Errno[] errnos)
    {
        var left = new Queue<Errno>(errnos);
        return On(command, (void* attr, ref int result) => left.TryDequeue(out var errno) ? errno : Answer(command, attr, ref result));
    }

    /// <summary>Answers each of the calls with an error.</summary>
    public FakeKernel FailAlways(BpfCommand command, Errno errno) => On(command, (void* attr, ref int result) => errno);

    /// <summary>Knows no maps with any of these flags, and none of these kinds.</summary>
    public FakeKernel RefuseMaps(MapFlags flags, params MapType[] types) => On(BpfCommand.MapCreate, (void* attr, ref int result) =>
        (((MapCreateAttr*)attr)->MapFlags & (uint)flags) != 0 || types.Contains((MapType)((MapCreateAttr*)attr)->MapType)
            ? Errno.EINVAL
            : Answer(BpfCommand.MapCreate, attr, ref result));

    /// <summary>Takes no program, and says why where it is asked for a log.</summary>
    public FakeKernel RefuseProgram(Errno errno, string log) => On(BpfCommand.ProgLoad, (void* attr, ref int result) =>
    {
        var load = (ProgLoadAttr*)attr;
        if (load->LogSize > 0)
            Encoding.UTF8.GetBytes(log + '\0').CopyTo(new Span<byte>((void*)load->LogBuffer, (int)load->LogSize));
        return errno;
    });

    public FakeKernel On(BpfCommand command, Handler handler)
    {
        _handlers[command] = handler;
        return this;
    }

    public int CountOf(BpfCommand command) => Calls.Count(c => c == command);

    public override Errno Bpf(BpfCommand command, void* attr, nuint size, out int result)
    {
        result = 0;
        var isFault = Fault is { } fault && fault.Call == Calls.Count;
        Calls.Add(command);
        var errno = isFault ? Fault!.Value.Errno
            : _handlers.TryGetValue(command, out var handler) ? handler(attr, ref result)
            : Answer(command, attr, ref result);
        if (errno is not Errno.None)
            result = -1;
        return errno;
    }

    public override Errno LiftMemlock()
    {
        MemlockLifts++;
        return Memlock;
    }

    public override string? TextOf(string path) => Texts.TryGetValue(path, out var text) ? text : path switch
    {
        "/proc/thread-self/status" => $"Name:\tx\nCapEff:\t{(ulong)Effective:x16}\nSeccomp:\t0\n",
        "/proc/self/uid_map" => "         0          0 4294967295\n",
        "/proc/thread-self/attr/current" => "unconfined\n",
        "/sys/kernel/security/lockdown" => "[none] integrity confidentiality\n",
        "/proc/sys/kernel/unprivileged_bpf_disabled" => "2\n",
        _ => null,
    };

    /// <summary>What this kernel does if it is not told to fail.</summary>
    public Errno Answer(BpfCommand command, void* attr, ref int result)
    {
        switch (command)
        {
            case BpfCommand.MapCreate:
                LastMap = new(*(MapCreateAttr*)attr);
                result = Give("bpf-map", LastMap);
                return Errno.None;
            case BpfCommand.ProgLoad:
                result = Give("bpf-prog", *(ProgLoadAttr*)attr);
                return Errno.None;
            case BpfCommand.LinkCreate:
                result = Give("bpf_link", *(LinkCreateAttr*)attr);
                return Errno.None;
            case BpfCommand.BtfLoad:
                result = Give("btf", command);
                return Errno.None;
            case BpfCommand.ObjPin:
                return Pins.TryAdd(Marshal.PtrToStringUTF8((nint)((ObjAttr*)attr)->Path)!, _objects[(int)((ObjAttr*)attr)->BpfFd]) ? Errno.None : Errno.EEXIST;
            case BpfCommand.ObjGet:
                if (!Pins.TryGetValue(Marshal.PtrToStringUTF8((nint)((ObjAttr*)attr)->Path)!, out var pinned))
                    return Errno.ENOENT;
                result = Give(pinned is FakeMap ? "bpf-map" : pinned is ProgLoadAttr ? "bpf-prog" : "bpf_link", pinned);
                return Errno.None;
            case BpfCommand.ObjGetInfoByFd:
                return Tell(*(InfoAttr*)attr);
            case BpfCommand.MapFreeze:
                return Errno.None;
            case BpfCommand.MapLookupElem:
                return MapOf(attr).Lookup(*(MapElementAttr*)attr);
            case BpfCommand.MapUpdateElem:
                return MapOf(attr).Update(*(MapElementAttr*)attr);
            case BpfCommand.MapDeleteElem:
                return MapOf(attr).Delete(*(MapElementAttr*)attr);
            case BpfCommand.MapGetNextKey:
                return MapOf(attr).NextKey(*(MapElementAttr*)attr);
            default:
                return Errno.EINVAL;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    private FakeMap MapOf(void* element) => (FakeMap)_objects[(int)((MapElementAttr*)element)->MapFd];

    private Errno Tell(InfoAttr attr)
    {
        switch (_objects[(int)attr.BpfFd])
        {
            case FakeMap map:
                var create = map.Attr;
                var info = new RawMapInfo { Id = 1, Type = create.MapType, KeySize = create.KeySize, ValueSize = create.ValueSize, MaxEntries = create.MaxEntries, MapFlags = create.MapFlags };
                new ReadOnlySpan<byte>(create.Name, KernelName.Size).CopyTo(new Span<byte>(info.Name, KernelName.Size));
                Unsafe.Write((void*)attr.Info, info);
                return Errno.None;
            case ProgLoadAttr program:
                Unsafe.Write((void*)attr.Info, new RawProgramInfo { Id = 1, Type = program.ProgType });
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    private int Give(string kind, object what)
    {
        var name = $"{kind}:{Interlocked.Increment(ref s_lastNumber)};";
        var fd = memfd_create(name, 1); // MFD_CLOEXEC
        Assert.That(fd, Is.Positive);
        (_objects[fd], _descriptors[fd]) = (what, name);
        return fd;
    }
}
