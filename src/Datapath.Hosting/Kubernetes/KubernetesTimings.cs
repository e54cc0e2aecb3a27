namespace Datapath.Hosting;

/// <summary>How patient the dealings with an API server are.</summary>
internal sealed record KubernetesTimings
{
    /// <summary>The first wait after a failure, on average.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait after a failure, unless the server asks for more.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait that a server may ask for.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the server may take to begin an answer, and to give a page of a list.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a watch is asked to last at least; each lasts up to twice that, so that not all are made again at once.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much longer than asked for a watch may last before it counts as lost.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How soon a kind that is not installed is looked for again.</summary>
    public TimeSpan LookForKind { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How old a token or certificate may be that was read from a file.</summary>
    public TimeSpan CredentialAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The least time between two writes of a status.</summary>
    public TimeSpan BetweenWrites { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The least time between two writes of the status of one object.</summary>
    public TimeSpan BetweenWritesOfOne { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node must be unknown before what it said is taken back.</summary>
    public TimeSpan NodeGone { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a write may go unseen in the object before it is written again.</summary>
    public TimeSpan WriteAgain { get; init; } = TimeSpan.FromMinutes(10);
}
