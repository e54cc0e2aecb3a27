using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>A loop whose epoll is gone.</summary>
[TestFixture]
[LoadTest]
internal sealed class EpollFailureTests
{
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(20);

    [Test]
    public async Task A_loop_that_can_wait_no_more_tells_whoever_waits_and_ends()
    {
        using var program = new RingProgram();
        using var memory = new RingMemory(program.Map("large"));
        using var epoll = EpollLoop.Create();
        var threads = Threads();
        var loop = new EpollLoop(new SafeFileHandle(epoll.DangerousGetHandle(), ownsHandle: false));
        var loops = new Queue<EpollLoop>([loop]);
        using var waiter = new RingWaiter(memory, Duplicate(program.Map("large")), () => loops.TryDequeue(out var first) ? first : EpollLoop.Shared);
        var wait = waiter.WaitAsync(beyond: 0, CancellationToken.None).AsTask();
        var closer = new Closer(epoll);
        var registration = loop.Add(program.Map("small").Handle);
        registration.Target = closer;
        Assert.That(loop.Arm(registration, program.Map("small").Handle), Is.EqualTo(Errno.None));

        program.Write("small");
        Assert.That(async () => await wait.WaitAsync(s_enough), Throws.TypeOf<LinuxException>().With.Message.StartsWith("wait on an epoll: E"));
        Assert.That(await closer.Failure.Task.WaitAsync(s_enough), Is.SameAs(loop.Failure));

        var next = waiter.WaitAsync(beyond: 0, CancellationToken.None).AsTask();
        Assert.That(next.IsCompleted, Is.False);
        program.Write("large");
        Assert.That(await next.WaitAsync(s_enough), Is.EqualTo(RingWake.Ready));
        Eventually.True(() => Threads() <= threads + 1, "the loop's thread has ended; the process's own may have begun");
    }

    private static SafeBpfHandle Duplicate(BpfMap map)
    {
        using var lease = map.Handle.Lease();
        return new(Libc.fcntl((int)lease.Fd, Libc.F_DUPFD_CLOEXEC, 3));
    }

    private static int Threads() =>
        Directory.GetDirectories("/proc/self/task").Count(static task => File.ReadAllText(task + "/comm").Trim() == "Datapath epoll");

    /// <summary>Closes the epoll under the loop, on the loop's own thread.</summary>
    private sealed class Closer(SafeFileHandle epoll) : IEpollTarget
    {
        public TaskCompletionSource<LinuxException> Failure { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EpollAnswer OnReadable()
        {
            epoll.Dispose();
            return EpollAnswer.Done;
        }

        public void OnFailure(LinuxException failure) => Failure.SetResult(failure);
    }
}
