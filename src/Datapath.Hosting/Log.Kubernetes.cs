using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <content>Those of a cluster that is followed.</content>
internal static partial class Log
{
    [LoggerMessage(EventId = 1701, Level = LogLevel.Debug, Message = "Listed {Count} {Kind}")]
    public static partial void KindListed(ILogger logger, string kind, int count);

    [LoggerMessage(EventId = 1702, Level = LogLevel.Information, Message = "Following {Kind}")]
    public static partial void KindFollowed(ILogger logger, string kind);

    [LoggerMessage(EventId = 1703, Level = LogLevel.Warning, Message = "Cannot follow {Kind}, what is known stays in force: {Reason}; next try in {Delay:0.0} s")]
    public static partial void KindInterrupted(ILogger logger, string kind, string reason, double delay);

    [LoggerMessage(EventId = 1704, Level = LogLevel.Debug, Message = "Still cannot follow {Kind}: {Reason}; next try in {Delay:0.0} s")]
    public static partial void KindStillInterrupted(ILogger logger, string kind, string reason, double delay);

    [LoggerMessage(EventId = 1705, Level = LogLevel.Information, Message = "The cluster has no {Kind} of {GroupVersion}; they are looked for from time to time")]
    public static partial void KindMissing(ILogger logger, string kind, string groupVersion);

    [LoggerMessage(EventId = 1706, Level = LogLevel.Warning, Message = "A watch of {Kind} told an older change after a newer one; all are listed again")]
    public static partial void OutOfOrder(ILogger logger, string kind);

    [LoggerMessage(EventId = 1711, Level = LogLevel.Warning, Message = "The status of {Object} is not written: {Reason}; this is tried again")]
    public static partial void StatusNotWritten(ILogger logger, Policy.ObjectKey @object, string reason);

    [LoggerMessage(EventId = 1712, Level = LogLevel.Warning, Message = "The cluster keeps no status.nodes of {Kind}, so none is written; see the CRDs of this library")]
    public static partial void StatusNotKept(ILogger logger, string kind);
}
