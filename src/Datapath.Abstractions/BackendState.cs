namespace Datapath;

/// <summary>What a backend may be used for. The numbers order backends inside a frontend, the most usable first.</summary>
public enum BackendState : byte
{
    /// <summary>Ready: takes new connections.</summary>
    Active = 0,

    /// <summary>On its way out but still serving: takes new connections only while the frontend has no active backend.</summary>
    Terminating = 1,

    /// <summary>On its way out and no longer serving: takes no new connections.</summary>
    TerminatingNotServing = 2,

    /// <summary>Neither ready nor terminating: takes no new connections.</summary>
    Maintenance = 3,
}
