using System.Text;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Listening;

namespace Datapath.Linux.Services;

/// <summary>Makes what programs told of a dial into what people call it.</summary>
internal sealed class DialReader
{
    private readonly Func<L4Address, ServiceName?>? _services;
    private readonly IClientNames _clients;
    private readonly EventClock _clock = new();

    public DialReader(Func<L4Address, ServiceName?>? services, IClientNames clients) => (_services, _clients) = (services, clients);

    /// <summary>Looks at the wall clock again, which somebody may set.</summary>
    public void SetClock() => _clock.Set();

    public ObservedDial Read(in DialEvent dial)
    {
        var protocol = (L4Protocol)dial.Protocol;
        var service = Ipv6Family.FromMappedWords(dial.ServiceAddress, dial.ServicePort, protocol);
        var isTranslated = dial.Verdict is DialVerdict.Translated;
        return new()
        {
            Time = _clock.At(dial.Time),
            Verdict = dial.Verdict,
            Reason = dial.Reason,
            Call = (DialCall)dial.Call,
            Service = service,
            ServiceName = _services?.Invoke(service),
            Backend = isTranslated ? Ipv6Family.FromMappedWords(dial.BackendAddress, dial.BackendPort, protocol) : null,
            FrontendId = dial.FrontendId,
            BackendId = isTranslated ? dial.BackendId : 0,
            FrontendType = (FrontendType)dial.FrontendType,
            ProcessId = (int)dial.ProcessId,
            Command = Text(dial.Command),
            CgroupId = dial.CgroupId,
            NetnsCookie = dial.NetnsCookie,
            SocketCookie = dial.SocketCookie,
            Client = _clients.NameOf(dial.NetnsCookie, dial.CgroupId),
        };
    }

    private static string Text(CommandBytes command)
    {
        ReadOnlySpan<byte> bytes = command;
        return Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);
    }
}
