namespace Datapath.Linux;

/// <summary>
/// Stands in for the kernel in tests: answers as an older one would, or one out of memory. It counts for the thread that plays it, from
/// <see cref="Play"/> until what that returns is disposed, and only in a process that allows it by the switch <c>Datapath.Linux.KernelDouble</c>.
/// </summary>
internal abstract unsafe class KernelDouble
{
    // A constant for the JIT once it is read: compiled code of a process without the switch holds nothing of all this.
    private static readonly bool s_isAllowed = AppContext.TryGetSwitch("Datapath.Linux.KernelDouble", out var isAllowed) && isAllowed;

    [ThreadStatic]
    private static KernelDouble? t_current;

    /// <summary>Who answers this thread; null: the kernel.</summary>
    public static KernelDouble? Current => s_isAllowed ? t_current : null;

    /// <summary>What was learnt of this kernel, which must not be believed of another.</summary>
    public Dictionary<object, bool> Learnt { get; } = [];

    /// <summary>Its version.</summary>
    public abstract Version Release { get; }

    /// <summary>Answers bpf(2).</summary>
    /// <param name="command">What to do.</param>
    /// <param name="attr">The command's part of <c>union bpf_attr</c>.</param>
    /// <param name="size">How long it is.</param>
    /// <param name="result">A descriptor or 0; negative on failure.</param>
    public abstract Errno Bpf(BpfCommand command, void* attr, nuint size, out int result);

    /// <summary>Answers setrlimit(2) for the limit of locked memory.</summary>
    public abstract Errno LiftMemlock();

    /// <summary>The content of a file of procfs or sysfs; null: as the kernel has it.</summary>
    /// <param name="path">Its path.</param>
    public abstract string? TextOf(string path);

    /// <summary>Answers this thread from here on.</summary>
    public Playing Play()
    {
        if (!s_isAllowed)
            throw new InvalidOperationException("no double may stand in for the kernel in this process");
        var before = t_current;
        t_current = this;
        return new(before);
    }

    /// <summary>Ends a play when disposed.</summary>
    internal readonly ref struct Playing(KernelDouble? before)
    {
        private readonly KernelDouble? _before = before;

        public void Dispose() => t_current = _before;
    }
}
