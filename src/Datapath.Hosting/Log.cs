using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>The log messages of this package. Event ids are stable: append, never renumber.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Synced {Services} services, {Failures} frontends not applied")]
    public static partial void Synced(ILogger logger, int services, int failures);

    [LoggerMessage(EventId = 1002, Message = "Applied: {Written} frontends written, {Removed} removed")]
    public static partial void Applied(ILogger logger, LogLevel level, int written, int removed);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "Not applied: service {Service}, frontend {Frontend}: {Reason}")]
    public static partial void NotApplied(ILogger logger, ServiceName service, L4Address frontend, string reason);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "Pod {Pod}: {Reason}")]
    public static partial void PodNotApplied(ILogger logger, PodName pod, string reason);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "Some inputs are refused: frontends of an earlier run that no service claims stay until all inputs are right")]
    public static partial void NotPruned(ILogger logger);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Warning, Message = "Services with the annotation {Annotation} wait for results of health checks, and there is no source of any")]
    public static partial void NoHealthSource(ILogger logger, string annotation);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "Self-test: {Result}")]
    public static partial void SelfTest(ILogger logger, SelfTestResult result);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Information, Message = "Self-test: {Result}")]
    public static partial void SelfTestLeftOut(ILogger logger, SelfTestResult result);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "Refused: {Diagnostic}")]
    public static partial void Refused(ILogger logger, Diagnostic diagnostic);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "{Diagnostic}")]
    public static partial void Warned(ILogger logger, Diagnostic diagnostic);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Debug, Message = "Ignored: {Diagnostic}")]
    public static partial void Ignored(ILogger logger, Diagnostic diagnostic);

    [LoggerMessage(EventId = 1104, Level = LogLevel.Warning, Message = "{Status}")]
    public static partial void ObjectWarning(ILogger logger, ObjectStatus status);

    [LoggerMessage(EventId = 1106, Level = LogLevel.Warning, Message = "The stop went on without {Input}, which had not ended after {Seconds} s")]
    public static partial void NotStopped(ILogger logger, string input, double seconds);

    [LoggerMessage(EventId = 1107, Level = LogLevel.Warning, Message = "Not in force of {Source}, because {Winner} has it too, and goes first: {Objects}")]
    public static partial void Shadowed(ILogger logger, string source, string winner, string objects);

    [LoggerMessage(EventId = 1105, Level = LogLevel.Debug, Message = "{Status}")]
    public static partial void ObjectChanged(ILogger logger, ObjectStatus status);

    [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "The datapath has no effect, or will not last: {Fault}")]
    public static partial void FaultFound(ILogger logger, string fault);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Information, Message = "Over: {Fault}")]
    public static partial void FaultOver(ILogger logger, string fault);

    [LoggerMessage(EventId = 1205, Level = LogLevel.Warning, Message = "What happens to the cgroup and the pins is found out after up to {Seconds} s, not at once: {Reason}")]
    public static partial void FaultsNotTold(ILogger logger, double seconds, string reason);

    [LoggerMessage(EventId = 1203, Level = LogLevel.Warning, Message = "Could not look at {What}, which is tried again: {Reason}")]
    public static partial void LookFailed(ILogger logger, string what, string reason);

    [LoggerMessage(EventId = 1204, Level = LogLevel.Information, Message = "Can look at {What} again")]
    public static partial void LooksAgain(ILogger logger, string what);
}
