namespace Datapath;

/// <summary>Which TCP connections are ended when the frontend through which they were dialed no longer leads to their backend.</summary>
public enum StaleTcpPolicy
{
    /// <summary>Those to a backend that no frontend has any more: nobody is there to answer.</summary>
    WhenBackendIsGone,

    /// <summary>All: clients of a frontend that is redirected, or that lost a backend which others keep, dial anew as well.</summary>
    Always,

    /// <summary>None: they end when one of the two ends them, or when the kernel gives up.</summary>
    Never,
}
