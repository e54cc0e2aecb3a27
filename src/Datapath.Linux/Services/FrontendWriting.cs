namespace Datapath.Linux.Services;

/// <summary>
/// Tells the programs that frontends are being written. The kernel gives a hash element to another key the moment that its own is replaced,
/// so a lookup at that instant may end without the key it seeks; a program that finds nothing believes it only if nobody wrote meanwhile.
/// </summary>
internal sealed class FrontendWriting
{
    private readonly ManagerStatePlace _state;

    /// <summary>Begins with nobody writing, even if a process was killed while it wrote.</summary>
    public FrontendWriting(ManagerStatePlace state)
    {
        _state = state;
        ref var writes = ref state().FrontendWrites;
        if (uint.IsOddInteger(writes))
            _ = Interlocked.Increment(ref writes);
    }

    /// <summary>From here to the end of the scope, system calls may add, replace or remove frontends.</summary>
    public WritingScope Begin()
    {
        _ = Interlocked.Increment(ref _state().FrontendWrites);
        return new(this);
    }

    /// <summary>A time of writing.</summary>
    public readonly ref struct WritingScope(FrontendWriting writing)
    {
        /// <summary>Ends it.</summary>
        public void Dispose() => _ = Interlocked.Increment(ref writing._state().FrontendWrites);
    }
}
