namespace Datapath.Bench.Hooks;

/// <summary>One row: a hook and what makes it run.</summary>
/// <param name="Name">The row.</param>
/// <param name="Hook">The hook that is timed, for example <c>connect4</c>.</param>
/// <param name="Times">How often it runs in a round, so that a round takes some 10 ms.</param>
/// <param name="Make">Makes the loop, in the variant's cgroup.</param>
internal sealed record HookCase(string Name, string Hook, int Times, Func<Load> Make)
{
    /// <summary>Whether 10,000 services are programmed rather than one.</summary>
    public bool IsMany { get; init; }

    /// <summary>Whether somebody listens.</summary>
    public ListenerState Listener { get; init; }

    /// <summary>How many times the floor it may cost, if that was promised.</summary>
    public double? MostOfFloor { get; init; }
}
