using System.Net;
using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <content>Those of masquerading.</content>
internal static partial class Log
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Information, Message = "Masquerading follows new rules: {Sources} ranges of sources, {Destinations} of destinations")]
    public static partial void MasqueradeApplied(ILogger logger, int sources, int destinations);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Error, Message = "Masquerading keeps its old rules: {Reason}")]
    public static partial void MasqueradeNotApplied(ILogger logger, string reason);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Error, Message = "Masquerading: refused: {Diagnostic}")]
    public static partial void MasqueradeRefused(ILogger logger, Diagnostic diagnostic);

    [LoggerMessage(EventId = 1304, Level = LogLevel.Warning, Message = "Masquerading: {Diagnostic}")]
    public static partial void MasqueradeWarned(ILogger logger, Diagnostic diagnostic);

    [LoggerMessage(EventId = 1305, Level = LogLevel.Debug, Message = "Masquerading: {Remark}")]
    public static partial void MasqueradeRemark(ILogger logger, MasqueradeRemark remark);

    [LoggerMessage(EventId = 1306, Level = LogLevel.Debug, Message = "Masquerading: ignored: {Diagnostic}")]
    public static partial void MasqueradeIgnored(ILogger logger, Diagnostic diagnostic);

    [LoggerMessage(EventId = 1401, Level = LogLevel.Warning, Message = "Masquerading runs short of ports: {Use}; add addresses (masquerade:addresses, masquerade:pools) or ports (masquerade:ports)")]
    public static partial void PortsRunShort(ILogger logger, MasqueradePortUse use);

    [LoggerMessage(EventId = 1402, Level = LogLevel.Information, Message = "Masquerading has ports again of {Translated} towards {Peer}")]
    public static partial void PortsAreBack(ILogger logger, IPAddress translated, FlowEnd peer);

    [LoggerMessage(EventId = 1501, Level = LogLevel.Information, Message = "Masquerading had another engine before; what it left in {Place} is removed, and its {Flows} flows go on")]
    public static partial void OtherEngineRemoved(ILogger logger, string place, int flows);

    [LoggerMessage(EventId = 1507, Level = LogLevel.Warning, Message = "{Flows} flows of the engine before do not go on and begin anew: {Reason}")]
    public static partial void FlowsNotHandedOver(ILogger logger, int flows, string reason);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Information, Message = "New flows by {Device} leave as {New} instead of {Old}; {Flows} flows go on as before")]
    public static partial void AddressChanged(ILogger logger, string device, IPAddress old, IPAddress @new, int flows);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Warning, Message = "The machine has {Old} no more: {Flows} flows that left by {Device} as it are ended; new ones leave as {New}")]
    public static partial void AddressGone(ILogger logger, string device, IPAddress old, IPAddress @new, int flows);

    [LoggerMessage(EventId = 1504, Level = LogLevel.Warning, Message = "{Device} has no address of the family of {Old} any more: new flows by it are refused; {Flows} flows go on as before")]
    public static partial void LastAddressMoved(ILogger logger, string device, IPAddress old, int flows);

    [LoggerMessage(EventId = 1505, Level = LogLevel.Warning, Message = "The machine has {Old} no more: {Flows} flows that left by {Device} as it are ended; new ones are refused, for the device has no other address of the family")]
    public static partial void LastAddressGone(ILogger logger, string device, IPAddress old, int flows);

    [LoggerMessage(EventId = 1511, Level = LogLevel.Warning, Message = "Masquerading: {Change}")]
    public static partial void TablePutBack(ILogger logger, NftablesTableChange change);

    [LoggerMessage(EventId = 1512, Level = LogLevel.Error, Message = "Masquerading: {Change}")]
    public static partial void TableNotPutBack(ILogger logger, NftablesTableChange change);

    [LoggerMessage(EventId = 1513, Level = LogLevel.Warning, Message = "Masquerading: connection tracking forgot {Count} flows that began while there were no rules, and so kept their own address: their next packets are translated")]
    public static partial void StraysEnded(ILogger logger, int count);

    [LoggerMessage(EventId = 1521, Level = LogLevel.Warning, Message = "Masquerading: {Detachment}")]
    public static partial void ProgramsAttachedAgain(ILogger logger, MasqueradeDetachment detachment);

    [LoggerMessage(EventId = 1522, Level = LogLevel.Error, Message = "Masquerading: {Detachment}")]
    public static partial void ProgramsNotAttachedAgain(ILogger logger, MasqueradeDetachment detachment);

    [LoggerMessage(EventId = 1523, Level = LogLevel.Error, Message = "Masquerading: {Fault}")]
    public static partial void MasqueradePinsLost(ILogger logger, string fault);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "Masquerading dropped {Count} packets since the last warning of this kind: {Why}; the last was {Protocol} from {Source} to {Destination} by {Device}")]
    public static partial void PacketsDropped(ILogger logger, long count, string why, string protocol, FlowEnd source, FlowEnd destination, string device);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Error, Message = "Masquerading goes on, but neither its drops nor its mappings are told: {Reason}; this is tried again")]
    public static partial void NotListening(ILogger logger, string reason);

    [LoggerMessage(EventId = 1611, Level = LogLevel.Error, Message = "The log of mappings {Path} cannot be written: {Reason}; lines wait, up to a mebibyte, and masquerading goes on")]
    public static partial void MappingLogNotWritten(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 1612, Level = LogLevel.Warning, Message = "The log of mappings {Path} is written again; {Unwritten} lines are lost")]
    public static partial void MappingLogWrittenAgain(ILogger logger, string path, long unwritten);

    [LoggerMessage(EventId = 1613, Level = LogLevel.Warning, Message = "The log of mappings misses {Count} events: they came faster than they were read")]
    public static partial void MappingEventsLost(ILogger logger, long count);

    [LoggerMessage(EventId = 1614, Level = LogLevel.Warning, Message = "The log of mappings misses all events from {From:O} to {To:O}: the process was stopped")]
    public static partial void MappingEventsMissed(ILogger logger, DateTimeOffset from, DateTimeOffset to);
}
