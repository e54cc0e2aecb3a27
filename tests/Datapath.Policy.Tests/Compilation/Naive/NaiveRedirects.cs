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

    /// <summary>The pseudo-services: what a policy takes over is with the policy that comes first there.</summary>
    public List<DesiredService> Services(IEnumerable<Frontend> served)
    {
        var taken = served.SelectMany(frontend => frontend.NodeAddresses).Concat(claims.Held).ToHashSet();
        var sites = Sites(taken).ToList();
        var ranges = Ranges().ToList();
        return policies.ConvertAll(policy => new DesiredService(
            policy.Name, [.. sites.Where(site => site.Redirects[0].Policy == policy.Name).OrderBy(site => site.Address)])
        {
            Ranges = [.. ranges.Where(range => range.Redirects[0].Policy == policy.Name)],
        });
    }

    private IEnumerable<Frontend> Sites(HashSet<L4Address> taken) =>
        from policy in policies
        from site in policy.Sites().DistinctBy(site => site.Address)
        let redirect = policy.Redirect(site.Backends)
        where IsFree(site.Address, taken, policy) && redirect is not null
        group (redirect, site) by site.Address into same
        let frontend = new Frontend
        {
            Address = same.Key,
            Type = FrontendType.LocalRedirect,
            Flags = FrontendFlags.LocalRedirect | FrontendFlags.Routable,
            PortName = same.First().site.PortName,
            Redirects = [.. Chain(same.Select(item => item.redirect))],
        }
        select frontend with { Flags = frontend.Flags | NaiveFlags.DirectReturn(frontend, cluster.Node) };

    private bool IsFree(L4Address address, HashSet<L4Address> taken, NaivePolicy policy)
    {
        if (taken.Contains(address))
            _hindered.Add(policy.Name);
        return !taken.Contains(address);
    }

    private IEnumerable<FrontendRange> Ranges() =>
        from policy in policies
        from item in policy.Ranges().DistinctBy(item => item.Range)
        let redirect = policy.Redirect(item.Backends)
        where redirect is not null
        group redirect by item.Range into same
        let range = same.Key
        let frontend = new L4Address(range.Prefix.BaseAddress, range.First, range.Protocol)
        orderby frontend, range.Prefix.PrefixLength, range.Last
        select new FrontendRange(range.Prefix, range.First, range.Last, range.Protocol, [.. Chain(same)]);

    /// <summary>Those that somebody may reach: after one for everybody the others mean nothing.</summary>
    private List<Redirect> Chain(IEnumerable<Redirect?> redirects)
    {
        var chain = new List<Redirect>();
        foreach (var redirect in redirects.OfType<Redirect>())
        {
            if (chain is [.., { Clients.IsEverybody: true }])
                _hindered.Add(redirect.Policy);
            else
                chain.Add(redirect);
        }

        _active.UnionWith(chain.Where(redirect => !redirect.Backends.IsEmpty).Select(redirect => redirect.Policy));
        return chain;
    }
}
