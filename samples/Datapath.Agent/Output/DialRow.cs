using Datapath.Linux;

namespace Datapath.Agent.Output;

/// <summary>A dial to a service.</summary>
/// <param name="Time">When it was.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Reason">Why; <see langword="null"/> if it was translated.</param>
/// <param name="Call">The call by which it was dialed.</param>
/// <param name="Client">Who dialed, if it is known.</param>
/// <param name="Pid">The process.</param>
/// <param name="Command">Its name.</param>
/// <param name="Service">The service, if it is known.</param>
/// <param name="Address">What was dialed.</param>
/// <param name="Backend">Where it went, if anywhere.</param>
/// <param name="FrontendType">Why the frontend exists.</param>
/// <param name="FrontendId">The frontend's identifier.</param>
/// <param name="BackendId">The backend's identifier; 0 without one.</param>
/// <param name="NetnsCookie">The network namespace.</param>
/// <param name="CgroupId">The cgroup.</param>
/// <param name="SocketCookie">The socket.</param>
internal sealed record DialRow(
    DateTimeOffset Time,
    string Verdict,
    string? Reason,
    string Call,
    string? Client,
    int Pid,
    string Command,
    string? Service,
    string Address,
    string? Backend,
    string FrontendType,
    uint FrontendId,
    uint BackendId,
    ulong NetnsCookie,
    ulong CgroupId,
    ulong SocketCookie)
{
    public static DialRow Of(ObservedDial dial, ServiceName? service) => new(
        dial.Time,
        DialWords.Of(dial.Verdict),
        DialWords.Of(dial.Reason),
        DialWords.Of(dial.Call),
        dial.Client,
        dial.ProcessId,
        dial.Command,
        service?.ToString(),
        dial.Service.ToString(),
        dial.Backend?.ToString(),
        dial.FrontendType.ToString(),
        dial.FrontendId,
        dial.BackendId,
        dial.NetnsCookie,
        dial.CgroupId,
        dial.SocketCookie);

    /// <summary>A line for people. Whoever names a program or a cgroup may put anything into it, so nothing that steers a terminal gets through.</summary>
    public override string ToString()
    {
        var line = FormattableString.Invariant(
            $"{Time:yyyy-MM-ddTHH:mm:ss.ffffffZ} {Verdict,-10} {Client ?? "-"} {Pid}/{Command} {Service ?? "-"} {Address} -> {Backend ?? $"({Reason})"}");
        return string.Create(line.Length, line, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }
}
