using System.Runtime.InteropServices;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>The programs of tracing.bpf.c, what they counted, and the system calls that they wait for.</summary>
internal sealed partial class TracingLab : IDisposable
{
    private const int NobodysProcess = 0x7a7a0001;
    private const int NobodysCall = 0x7a7a;

    private readonly BpfObject _object;
    private readonly BpfArray<ulong> _counts;

    public TracingLab(params string[] extraPrograms)
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("tracing"));
        foreach (var name in extraPrograms)
            spec.Programs[name].IsEnabled = true;
        _object = BpfObject.Load(spec);
        _counts = _object.Maps["counts"].AsArray<ulong>();
    }

    public BpfProgram this[string program] => _object.Programs[program];

    public ulong this[TracingPlace place] => _counts[(int)place];

    /// <summary>A system call that no other program on the machine makes: getpgid(2) of a process that cannot be.</summary>
    public static void AskForNobody() => Assert.That(getpgid(NobodysProcess), Is.EqualTo(-1));

    /// <summary>A system call that no kernel has.</summary>
    public static void CallNobody() => Assert.That((long)syscall(NobodysCall), Is.EqualTo(-1));

    /// <summary>Runs an action where tracefs is mounted, and nowhere else.</summary>
    public static void WithTracefs(Action action) => MountSandbox.Run(() =>
    {
        if (!File.ReadAllText("/proc/filesystems").Contains("\ttracefs\n", StringComparison.Ordinal))
            Assert.Ignore("this kernel has no tracefs (CONFIG_EVENT_TRACING)");
        if (!Directory.Exists("/sys/kernel/tracing/events"))
            Assert.That(Libc.mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, null), Is.Zero);
        action();
    });

    public void Dispose() => _object.Dispose();

    [LibraryImport("libc")]
    private static partial int getpgid(int process);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number);
}

/// <summary>What each program counts into; as in tracing.bpf.c.</summary>
internal enum TracingPlace
{
    Tracepoint,
    RawTracepoint,
    TypedTracepoint,
    PerfEvent,
    Cookie,
}
