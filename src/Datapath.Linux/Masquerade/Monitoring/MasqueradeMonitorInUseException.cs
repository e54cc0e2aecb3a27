namespace Datapath.Linux;

/// <summary>Somebody listens to the same egress NAT already, for the same purpose.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class MasqueradeMonitorInUseException : InvalidOperationException
{
    internal MasqueradeMonitorInUseException(string where, bool keepsLog, uint listenerPid, Exception? inner = null)
        : base($"process {listenerPid} already {(keepsLog ? "keeps a log of" : "watches")} the masquerading of {where}; there is room for one at a time", inner) =>
        ListenerPid = listenerPid;

    /// <summary>The other listener, by the number that it has for itself; 0 if it has not signed yet.</summary>
    public uint ListenerPid { get; }
}
