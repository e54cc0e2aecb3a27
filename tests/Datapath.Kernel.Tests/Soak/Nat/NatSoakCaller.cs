using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>New flows at random, from everywhere to everywhere, each of which is judged by the source that is seen outside. For one thread.</summary>
internal sealed class NatSoakCaller : IDisposable
{
    private const int LongestText = 4_000;
    private readonly ConformanceSite _site;
    private readonly NatSoakPorts _ports;
    private readonly AnswerRules _rules;
    private readonly DialTally _tally;
    private readonly Random _random;
    private readonly DatagramCalls _datagrams;
    private readonly Dictionary<IPAddress, Callee> _callees = [];

    public NatSoakCaller(ConformanceSite site, NatSoakPorts ports, AnswerRules rules, DialTally tally, int seed)
    {
        (_site, _ports, _rules, _tally) = (site, ports, rules, tally);
        _random = new(seed);
        _datagrams = new(site);
    }

    public void CallOne()
    {
        var source = _random.Next(_site.Sources.Length);
        var to = ConformanceSite.Destinations[_random.Next(ConformanceSite.Destinations.Length)].Address;
        var protocol = _random.Next(10) switch { < 5 => NatSoakProtocol.Tcp, < 9 => NatSoakProtocol.Udp, _ => NatSoakProtocol.Echo };
        var port = _ports.Next(source, protocol, to.AddressFamily is AddressFamily.InterNetwork);
        var kind = new DialKind(source, new(to, 0, L4Protocol.Udp)); // the rules ask for no port and no protocol
        var started = Stopwatch.GetTimestamp();
        var answer = Call(_site.Sources[source], port, to, protocol);
        _tally.Add(answer, _rules.Judge(kind, answer, started), () => $"{protocol} from {_site.Sources[source].Name}, port {port}, to {to}: {answer}, not {_rules.Describe(kind)}");
    }

    public void Dispose()
    {
        foreach (var callee in _callees.Values)
            callee.Dispose();
        _datagrams.Dispose();
    }

    private string Call(ConformanceSource source, int port, IPAddress to, NatSoakProtocol protocol)
    {
        try
        {
            return (protocol is NatSoakProtocol.Tcp ? Connect(source, port, to) : _datagrams.Call(source, port, to, protocol is NatSoakProtocol.Echo)).ToString();
        }
        catch (Exception e) when (e is SocketException or AssertionException or AggregateException) // which no rules allow
        {
            return e.Message.Trim();
        }
    }

    private IPAddress Connect(ConformanceSource source, int port, IPAddress to)
    {
        if (!_callees.Remove(to, out var callee))
            callee = new(_site.Lab.Router, to, ProtocolType.Tcp);
        try
        {
            var seen = callee.TakeFrom(source.Network, port, _random.Next(1, LongestText), source.AddressOf(to.AddressFamily)).Address;
            _callees.Add(to, callee);
            return seen;
        }
        catch
        {
            callee.Dispose(); // what is left of the call would be taken for the next
            throw;
        }
    }
}
