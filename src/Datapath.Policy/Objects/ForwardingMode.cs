namespace Datapath.Policy;

/// <summary>How the replies to a connection from outside find their way back.</summary>
public enum ForwardingMode
{
    /// <summary>Through the node that took the connection, whose address the backend sees.</summary>
    Snat,

    /// <summary>From the backend to the client, whose address the backend sees.</summary>
    Dsr,
}
