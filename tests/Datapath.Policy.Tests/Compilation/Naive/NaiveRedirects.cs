namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What the policies make of the frontends of services, and the frontends and ranges that they make themselves.</summary>
internal sealed class NaiveRedirects(List<NaivePolicy> policies, NaiveClaims claims, NaiveCluster cluster)
{
    private readonly HashSet<ServiceName> _active = [];
    private readonly HashSet<ServiceName> _hindered = [];

    /// <summary>The policies that redirect something to a backend.</summary>
    public IReadOnlySet<ServiceName> Active => _active;

    /// <summary>The policies that have something before them: an object that serves an address, or a policy that redirects what they would.</summary>
    public IReadOnlySet<ServiceName> Hindered => _hindered;

    public Frontend Redirect(Frontend frontend, ServiceName service) => frontend.Type is FrontendType.ClusterIP
        ? frontend with { Redirects = [.. Chain(policies.Select(policy => policy.Redirect(policy.BackendsFor(frontend, service))))] }
        : frontend;

    /// <summary>The pseudo-services: what a policy takes over is with the first policy that names it and is not behind another.</summary>
    public List<DesiredService> Services(IEnumerable<Frontend> served)
    {
        var taken = served.SelectMany(frontend => frontend.NodeAddresses.Concat(frontend.OtherNodeAddresses)).Concat(claims.Held).ToHashSet();
        var targets = policies.SelectMany(policy => policy.Targets()).Select(target => target.Range).Distinct()
            .Where(range => !range.IsExact || IsFree(range, taken)).Select(Resolve).Where(target => target.Owner is not null).ToList();
        return policies.ConvertAll(policy => new DesiredService(
            policy.Name,
            [
                .. from target in targets
                where target.Owner == policy && target.Range.IsExact
                orderby target.Range.Start
                select Site(target),
            ])
        {
            Ranges =
            [
                .. from target in targets
                where target.Owner == policy && !target.Range.IsExact
                let range = target.Range
                orderby range.Start, range.Prefix.PrefixLength, range.Last
                select new FrontendRange(range.Prefix, range.First, range.Last, range.Protocol, [.. target.Redirects]),
            ],
        });
    }

    private Frontend Site((NaiveRange Range, NaivePolicy? Owner, List<Redirect> Redirects) target)
    {
        var frontend = new Frontend
        {
            Address = target.Range.Start,
            Type = FrontendType.LocalRedirect,
            Flags = FrontendFlags.LocalRedirect | FrontendFlags.Routable,
            PortName = target.Owner!.Targets().First(item => item.Range == target.Range).PortName,
            Redirects = [.. target.Redirects],
        };
        return frontend with { Flags = frontend.Flags | NaiveFlags.DirectReturn(frontend, cluster.Node) };
    }

    /// <summary>Asks every policy by the most special target that it has around a range, by precedence.</summary>
    private (NaiveRange Range, NaivePolicy? Owner, List<Redirect> Redirects) Resolve(NaiveRange range)
    {
        var answers =
            from policy in policies
            let best = policy.Targets().Where(target => target.Range.Contains(range))
                .OrderByDescending(target => target.Range.Prefix.PrefixLength).ThenBy(target => target.Range.Last - target.Range.First)
                .ThenBy(target => target.Range.First).FirstOrDefault()
            where best is not null
            let backends = best.Backends.Select(backend => range.IsExact && backend.Address.Port == 0
                ? backend with { Address = backend.Address.WithPort(range.First, range.Protocol) }
                : backend)
            select (Policy: policy, Names: best.Range == range, Redirect: policy.Redirect(backends));
        var all = answers.ToList();
        var names = all.Where(answer => answer.Names).Select(answer => answer.Policy).ToList();
        var chain = Chain(all.Select(answer => answer.Redirect), names.Select(policy => policy.Name).ToHashSet());
        return (range, names.Find(policy => chain.Exists(redirect => redirect.Policy == policy.Name)), chain);
    }

    private bool IsFree(NaiveRange range, HashSet<L4Address> taken)
    {
        if (!taken.Contains(range.Start))
            return true;
        _hindered.UnionWith(
            from policy in policies
            from target in policy.Targets()
            where target.Range == range
            select policy.Name);
        return false;
    }

    /// <summary>Those that somebody may reach: after one for everybody the others mean nothing.</summary>
    /// <param name="redirects">By precedence.</param>
    /// <param name="counted">Whose absence is to be known; all if there are no names.</param>
    private List<Redirect> Chain(IEnumerable<Redirect?> redirects, HashSet<ServiceName>? counted = null)
    {
        var chain = new List<Redirect>();
        foreach (var redirect in redirects.OfType<Redirect>())
        {
            if (chain is not [.., { Clients.IsEverybody: true }])
                chain.Add(redirect);
            else if (counted?.Contains(redirect.Policy) != false)
                _hindered.Add(redirect.Policy);
        }

        _active.UnionWith(chain.Where(redirect => !redirect.Backends.IsEmpty).Select(redirect => redirect.Policy));
        return chain;
    }
}
