using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>Waits for all rings of the process on one thread, which starts with the first wait and lasts.</summary>
internal sealed unsafe class EpollLoop
{
    private const int MaxEvents = 64;
    private const int AgainAfterMilliseconds = 1;

    private static readonly Lock s_gate = new();
    private static EpollLoop? s_shared;

    private readonly SafeFileHandle _epoll;
    private readonly ConcurrentDictionary<ulong, EpollRegistration> _registrations = new();
    private readonly HashSet<ulong> _again = []; // the thread's own
    private ulong _lastId;
    private LinuxException? _failure;

    /// <summary>Starts a loop.</summary>
    /// <param name="epoll">What it waits on.</param>
    internal EpollLoop(SafeFileHandle epoll)
    {
        _epoll = epoll;
        new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "Datapath epoll" }.Start();
    }

    /// <summary>Why the loop has ended; <see langword="null"/> while it goes on.</summary>
    public LinuxException? Failure => Volatile.Read(ref _failure);

    /// <summary>The loop of this process; another one after a failure.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static EpollLoop Shared
    {
        get
        {
            lock (s_gate)
                return s_shared is { Failure: null } shared ? shared : s_shared = new(Create());
        }
    }

    /// <summary>Makes a descriptor known, not yet armed.</summary>
    /// <returns>Its number is no other descriptor's ever: an event that comes late finds nobody.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public EpollRegistration Add(SafeBpfHandle descriptor)
    {
        var registration = new EpollRegistration(this, Interlocked.Increment(ref _lastId));
        _registrations[registration.Id] = registration;
        var errno = Control(descriptor, Libc.EPOLL_CTL_ADD, Libc.EPOLLONESHOT, registration.Id);
        if (errno is not Errno.None)
            _ = _registrations.TryRemove(registration.Id, out _);
        LinuxException.ThrowIfFailed(errno, "add a descriptor to an epoll");
        return registration;
    }

    /// <summary>Asks for one event. The kernel looks at the descriptor now: what is there already is an event.</summary>
    public Errno Arm(EpollRegistration registration, SafeBpfHandle descriptor) =>
        Control(descriptor, Libc.EPOLL_CTL_MOD, Libc.EPOLLIN | Libc.EPOLLONESHOT, registration.Id);

    /// <summary>Forgets a descriptor that is still open.</summary>
    public void Remove(EpollRegistration registration, SafeBpfHandle descriptor)
    {
        _ = Control(descriptor, Libc.EPOLL_CTL_DEL, 0, registration.Id);
        _ = _registrations.TryRemove(registration.Id, out _);
    }

    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static SafeFileHandle Create()
    {
        var epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        LinuxException.ThrowIfFailed(epoll.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : Errno.None, "create an epoll");
        return epoll;
    }

    private Errno Control(SafeBpfHandle descriptor, int operation, uint events, ulong id)
    {
        var change = stackalloc byte[Libc.EpollEventSize];
        Unsafe.WriteUnaligned(change, events);
        Unsafe.WriteUnaligned(change + Libc.EpollEventData, id);
        using var lease = descriptor.Lease();
        return Libc.epoll_ctl(_epoll, operation, (int)lease.Fd, change) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    // It would be the same again and again: whoever waits is told, and the next wait starts another loop.
    private void Fail(Errno errno)
    {
        var failure = new LinuxException("wait on an epoll", errno);
        _ = Interlocked.Exchange(ref _failure, failure); // whoever is no target yet looks at this after becoming one
        foreach (var registration in _registrations.Values)
            registration.Target?.OnFailure(failure);
    }

    private void Run()
    {
        var events = stackalloc byte[MaxEvents * Libc.EpollEventSize];
        var asked = new List<ulong>();
        while (true)
        {
            var count = Libc.epoll_wait(_epoll, events, MaxEvents, _again.Count > 0 ? AgainAfterMilliseconds : -1);
            var errno = count < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            if (errno is not (Errno.None or Errno.EINTR))
            {
                Fail(errno);
                return;
            }

            asked.Clear();
            asked.AddRange(_again);
            _again.Clear();
            for (var i = 0; i < count; i++)
                asked.Add(Unsafe.ReadUnaligned<ulong>(events + (i * Libc.EpollEventSize) + Libc.EpollEventData));
            foreach (var id in asked)
            {
                if (_registrations.TryGetValue(id, out var registration) && registration.Target?.OnReadable() is EpollAnswer.AskAgain)
                    _ = _again.Add(id);
            }
        }
    }
}

/// <summary>A descriptor that a loop knows.</summary>
internal sealed class EpollRegistration(EpollLoop loop, ulong id)
{
    private IEpollTarget? _target;

    public EpollLoop Loop { get; } = loop;

    public ulong Id { get; } = id;

    /// <summary>Who is told. Only while it waits: the loop lasts, and whoever it knows would last too.</summary>
    public IEpollTarget? Target
    {
        get => Volatile.Read(ref _target);
        set => Interlocked.Exchange(ref _target, value);
    }
}

/// <summary>Something that waits for a descriptor.</summary>
internal interface IEpollTarget
{
    /// <summary>Told on the loop's thread that there may be something to read. Does not throw and does not wait.</summary>
    EpollAnswer OnReadable();

    /// <summary>Told on the loop's thread that there will be no event any more. Does not throw and does not wait.</summary>
    void OnFailure(LinuxException failure);
}

/// <summary>What is to happen after an event.</summary>
internal enum EpollAnswer
{
    /// <summary>Nothing: it was what the target waited for, or the target has armed again.</summary>
    Done,

    /// <summary>Tell the target once more in a moment: the descriptor is readable and yet there is nothing for it.</summary>
    AskAgain,
}
