using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>Which clients of a redirected frontend go where: of its redirects the first that is for a client counts.</summary>
internal sealed class ClientSets
{
    private readonly IPodDirectory _pods;
    private readonly Frontend _frontend;
    private readonly bool _isRange;
    private readonly List<Redirect> _redirects = [];
    private readonly List<MissingClients> _missing = [];
    private readonly HashSet<PodName> _unlocated = [];

    private ClientSets(Frontend frontend, IPodDirectory pods, bool isRange)
    {
        (_frontend, _pods, _isRange) = (frontend, pods, isRange);
        foreach (var redirect in frontend.Redirects)
        {
            if (InForce(redirect) is { } effective)
                _redirects.Add(effective);
        }
    }

    /// <summary>The frontend as dials see it.</summary>
    /// <param name="frontend">A frontend with redirects.</param>
    /// <param name="pods">Who is who.</param>
    /// <param name="isRange">Whether the frontend stands for a range, whose ports differ.</param>
    /// <param name="missing">What is not in force yet, because a pod was not found.</param>
    public static SocketFrontend Resolve(Frontend frontend, IPodDirectory pods, bool isRange, out IReadOnlyList<MissingClients> missing)
    {
        var sets = new ClientSets(frontend, pods, isRange);
        var resolved = sets.Resolve();
        missing = sets._missing;
        return resolved;
    }

    private SocketFrontend Resolve()
    {
        var most = _redirects.FirstOrDefault(static redirect => redirect.Clients.AllPodsExcept);
        var host = _redirects.FirstOrDefault(static redirect => redirect.Clients.HostProcesses);
        var others = new Dictionary<ServiceName, List<ClientId>>();
        if (host != most)
            ClientsOf(host).Add(_pods.Host);
        foreach (var name in _redirects.SelectMany(static redirect => redirect.Clients.Pods.Concat(redirect.SkippedPods)).Distinct())
        {
            if (_pods.Find(name) is not { } pod)
            {
                _missing.Add(new(PolicyFor(name), $"pod {name} is treated like all others: it is not among the pods of this node"));
                continue;
            }

            var its = RedirectOf(pod);
            if (its == (pod.IsHostNetwork ? host : most))
                continue;
            var clients = _pods.Locate(pod, out var reason);
            ClientsOf(its).AddRange(clients);
            if (clients.IsEmpty && (pod.IsHostNetwork || !pod.Addresses.IsEmpty) && _unlocated.Add(name))
                _missing.Add(new(PolicyFor(name), $"pod {name} is treated like all others: {reason}"));
        }

        var (backends, passes) = TargetOf(most);
        return new(_frontend.Address, _frontend.Type, backends)
        {
            Passes = passes,
            AffinitySeconds = _frontend.AffinitySeconds,
            StaleTcp = _frontend.StaleTcp,
            FurtherSets = [.. others.Where(static set => set.Value.Count > 0).Select(set => SetOf(set.Key, set.Value))],
        };

        // Nobody's policy is the frontend itself.
        List<ClientId> ClientsOf(Redirect? redirect)
        {
            var policy = redirect?.Policy ?? default;
            if (!others.TryGetValue(policy, out var clients))
                others.Add(policy, clients = []);
            return clients;
        }
    }

    private ClientSet SetOf(ServiceName policy, List<ClientId> clients)
    {
        var redirect = _redirects.Find(redirect => redirect.Policy == policy);
        var (backends, passes) = TargetOf(redirect);
        return new(redirect?.Policy, backends, passes, [.. clients.Distinct()]);
    }

    private (ImmutableArray<Backend> Backends, bool Passes) TargetOf(Redirect? redirect)
    {
        if (redirect is not null)
            return ([.. redirect.Backends.Select(AtPort)], false);
        ImmutableArray<Backend> own = [.. _frontend.Usable];
        return (own, _frontend.Type is FrontendType.LocalRedirect && own.IsEmpty);
    }

    // Port 0 is the port that was dialed: of a single address it is known.
    private Backend AtPort(Backend backend) => backend.Address.Port == 0 && !_isRange
        ? backend with { Address = backend.Address.WithPort(_frontend.Address.Port, backend.Address.Protocol) }
        : backend;

    /// <summary>The first policy that names a pod.</summary>
    private ServiceName? PolicyFor(PodName name) =>
        _redirects.Find(redirect => redirect.Clients.Pods.Contains(name) || redirect.SkippedPods.Contains(name))?.Policy;

    private Redirect? RedirectOf(LocalPod pod)
    {
        foreach (var redirect in _redirects)
        {
            var isMeant = pod.IsHostNetwork ? redirect.Clients.HostProcesses : redirect.Clients.AllPodsExcept != redirect.Clients.Pods.Contains(pod.Name);
            if (isMeant) // by a redirect for others nobody is led, and nobody left alone
                return redirect.SkippedPods.Contains(pod.Name) ? null : redirect;
        }

        return null;
    }

    // A backend that would be led to itself is no backend yet. Who of them is whose only the addresses tell.
    private Redirect? InForce(Redirect redirect)
    {
        if (redirect.SkippedPods.IsEmpty || redirect.Backends.IsEmpty)
            return redirect;
        var backends = redirect.Backends;
        foreach (var name in redirect.SkippedPods)
        {
            if (_pods.Find(name) is not { } pod)
            {
                _missing.Add(new(redirect.Policy, $"redirect {redirect.Policy} {(redirect.RefusesWithoutBackends ? "refuses dials" : "is not in force")}: pod {name}, which it leaves alone, is not among the pods of this node"));
                return WithoutBackends(redirect);
            }

            if (!_pods.Locate(pod, out var reason).IsEmpty)
                continue;
            _ = _unlocated.Add(name);
            _missing.Add(new(redirect.Policy, $"redirect {redirect.Policy} does without pod {name}, which it could not leave alone: {reason}"));
            backends = backends.RemoveAll(backend => pod.Addresses.Contains(backend.Address.Address));
        }

        return backends.IsEmpty ? WithoutBackends(redirect) : redirect with { Backends = backends };
    }

    private static Redirect? WithoutBackends(Redirect redirect) => redirect.RefusesWithoutBackends ? redirect with { Backends = [] } : null;
}

/// <summary>Why a redirect is not in force as it should be.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Reason">Which pod was not found, and what follows.</param>
internal readonly record struct MissingClients(ServiceName? Policy, string Reason);
