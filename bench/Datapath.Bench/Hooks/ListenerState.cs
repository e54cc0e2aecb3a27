namespace Datapath.Bench.Hooks;

/// <summary>Whether somebody listens to the dials that are timed.</summary>
internal enum ListenerState
{
    /// <summary>Nobody does.</summary>
    None,

    /// <summary>One did until just now.</summary>
    Gone,

    /// <summary>One hears each dial.</summary>
    Listening,
}
