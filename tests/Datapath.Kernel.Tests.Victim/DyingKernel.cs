using System.Runtime.InteropServices;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Victim;

/// <summary>
/// The kernel itself, but the process is killed at one of the calls by which it changes something that outlives it: before the call, so that what it did in
/// memory and by other calls is done, and after a pin, whose renaming is another call.
/// </summary>
/// <param name="lastStep">At which of these moments, from 0.</param>
internal sealed unsafe partial class DyingKernel(int lastStep) : KernelDouble
{
    private const int SigKill = 9;
    private static readonly nint s_bpf = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 280 : 321;
    private int _steps;

    public override Version Release { get; } = KernelRelease.Running.Version;

    public override Errno Bpf(BpfCommand command, void* attr, nuint size, out int result)
    {
        if (command is BpfCommand.ObjPin or BpfCommand.LinkCreate or BpfCommand.LinkUpdate
            or BpfCommand.MapUpdateElem or BpfCommand.MapUpdateBatch or BpfCommand.MapDeleteElem or BpfCommand.MapDeleteBatch)
        {
            Step();
        }

        result = (int)syscall(s_bpf, (nint)command, attr, size);
        var errno = result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (command is BpfCommand.ObjPin)
            Step();
        return errno;
    }

    public override Errno LiftMemlock() => Errno.EPERM; // no kernel of the tests asks for it

    public override string? TextOf(string path) => null;

    private void Step()
    {
        if (_steps++ == lastStep)
            _ = kill(Environment.ProcessId, SigKill);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint command, void* attr, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
