using Datapath.BpfObjects.Layout;
using Datapath.Linux;

namespace Datapath.Agent.Output;

/// <summary>What becomes of dials, in words.</summary>
internal static class DialWords
{
    /// <summary>The words for verdicts, as options take them too.</summary>
    public static IReadOnlyDictionary<string, DialVerdict> Verdicts { get; } = Enum.GetValues<DialVerdict>().ToDictionary(Of);

    public static string Of(DialVerdict verdict) => verdict switch
    {
        DialVerdict.Translated => "translated",
        DialVerdict.Refused => "refused",
        DialVerdict.Passed => "passed",
        _ => $"verdict {(int)verdict}",
    };

    public static string? Of(DialReason reason) => reason switch
    {
        DialReason.None => null,
        DialReason.NoBackend => "no backend",
        DialReason.NoMemory => "no memory",
        DialReason.Exempt => "client is left alone",
        DialReason.HostOnly => "only for the host",
        DialReason.Skipped => "redirect is not for this client",
        _ => $"reason {(int)reason}",
    };

    public static string Of(DialCall call) => call switch
    {
        DialCall.Connect => "connect",
        DialCall.Datagram => "datagram",
        _ => $"call {(int)call}",
    };
}
