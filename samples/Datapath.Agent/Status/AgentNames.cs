using System.Diagnostics;
using System.Net;
using Datapath.Agent.Output;

namespace Datapath.Agent.Status;

/// <summary>The names of services and pods, as the running agent knows them. It is asked again now and then; without an agent there are no names.</summary>
internal sealed class AgentNames(string bpfRoot)
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(5);
    private Dictionary<L4Address, ServiceName> _services = [];
    private Dictionary<string, PodName> _pods = [];
    private Dictionary<ulong, PodName> _podsByNamespace = [];
    private long? _askedAt;

    /// <summary>Whether an agent was there when it was last asked.</summary>
    public bool HasAgent { get; private set; }

    /// <summary>The service that is served at an address. At the host's loopback and the unspecified address those are whose ports are the node's.</summary>
    public ServiceName? ServiceAt(L4Address address)
    {
        if (_services.TryGetValue(address, out var name))
            return name;
        return IPAddress.IsLoopback(address.Address) && _services.TryGetValue(new(address.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any, address.Port, address.Protocol), out name) ? name : null;
    }

    public PodName? PodOf(string uid) => _pods.TryGetValue(uid, out var name) ? name : null;

    public PodName? PodIn(ulong netnsCookie) => _podsByNamespace.TryGetValue(netnsCookie, out var name) ? name : null;

    /// <summary>Asks the agent, unless it was asked just now. One that was there before and does not answer is no reason to end.</summary>
    /// <exception cref="AgentException">The first time: the agent does not answer.</exception>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        if (_askedAt is { } before && Stopwatch.GetElapsedTime(before) < s_lifetime)
            return;
        var isFirst = _askedAt is null;
        _askedAt = Stopwatch.GetTimestamp();
        try
        {
            var agent = await AgentSocket.ReadObjectsAsync(bpfRoot, cancellationToken).ConfigureAwait(false);
            HasAgent = agent is not null;
            if (agent is not null)
                Take(agent);
        }
        catch (AgentException e) when (!isFirst)
        {
            await Console.Error.WriteLineAsync($"datapath-agent: names stay as they were: {e.Message}").ConfigureAwait(false);
        }
    }

    private void Take(AgentReport agent)
    {
        _services = agent.Services
            .SelectMany(static s => s.Frontends.Select(f => (Address: L4Address.Parse(f.Frontend), Name: NameOf(s.Service))))
            .DistinctBy(static s => s.Address).ToDictionary(static s => s.Address, static s => new ServiceName(s.Name.Namespace, s.Name.Name));
        _pods = agent.Pods.Where(static p => p.Uid.Length > 0)
            .DistinctBy(static p => p.Uid).ToDictionary(static p => p.Uid, PodNameOf);
        _podsByNamespace = agent.Pods.SelectMany(static p => p.NetnsCookies.Select(cookie => (Cookie: cookie, Pod: p)))
            .DistinctBy(static item => item.Cookie).ToDictionary(static item => item.Cookie, static item => PodNameOf(item.Pod));
    }

    private static PodName PodNameOf(PodRow pod) => new(NameOf(pod.Pod).Namespace, NameOf(pod.Pod).Name);

    private static (string Namespace, string Name) NameOf(string text) => text.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash
        ? (text[..slash], text[(slash + 1)..])
        : ("", text);
}
