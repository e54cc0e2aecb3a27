namespace Datapath.Linux;

/// <summary>Somebody listens to the dials of the same datapath already.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed class DialMonitorInUseException : InvalidOperationException
{
    internal DialMonitorInUseException(string where, uint listenerPid, Exception? inner = null)
        : base($"process {listenerPid} already listens to the dials of {where}; there is room for one at a time", inner) => ListenerPid = listenerPid;

    /// <summary>The other listener, by the number that it has for itself; 0 if it has not signed yet.</summary>
    public uint ListenerPid { get; }
}
