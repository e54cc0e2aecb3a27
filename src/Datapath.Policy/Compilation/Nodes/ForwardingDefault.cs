namespace Datapath.Policy;

/// <summary>How replies of load-balanced connections from outside find back, for services that do not say it themselves.</summary>
public enum ForwardingDefault
{
    /// <summary>Through the node that the client dialled.</summary>
    Snat,

    /// <summary>Straight from the backend's node.</summary>
    Dsr,

    /// <summary>Straight from the backend's node for TCP, through the dialled node for the rest.</summary>
    Hybrid,
}
