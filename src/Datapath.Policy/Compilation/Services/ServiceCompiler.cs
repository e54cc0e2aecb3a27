using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>Makes the frontends of a service that holds its addresses. Holds scratch lists: not thread-safe.</summary>
internal sealed class ServiceCompiler(CompilerInputs inputs)
{
    private readonly BackendSelector _selector = new();

    public DesiredService? Compile(ServiceEntry entry)
    {
        if (!entry.Holds || entry.Plan!.IsSkipped)
            return null;
        var plan = entry.Plan;
        var frontends = new Frontend[plan.Frontends.Length];
        if (frontends.Length > 0)
        {
            var options = new ServiceOptions(plan, inputs.Node);
            _selector.Load(entry, BackendRules.Of(plan, inputs.Node, inputs.Health));
            for (var i = 0; i < frontends.Length; i++)
                frontends[i] = Compile(entry, plan.Frontends[i], in options);
        }

        return new(entry.Name, ImmutableCollectionsMarshal.AsImmutableArray(frontends));
    }

    private Frontend Compile(ServiceEntry entry, FrontendPlan wanted, in ServiceOptions options)
    {
        var selection = _selector.Select(wanted.Address, wanted.PortName, wanted.IsLocal(entry.Plan!.Service.Spec));
        return new()
        {
            Address = wanted.Address,
            NodeAddresses = wanted.Type is FrontendType.NodePort ? NodeAddresses.Of(wanted.Address, inputs) : [],
            OtherNodeAddresses = wanted.Type is FrontendType.NodePort ? NodeAddresses.OfOthers(wanted.Address, inputs) : [],
            Type = wanted.Type,
            Scope = wanted.Scope,
            Flags = options.Flags(wanted.Address, wanted.Type),
            PortName = wanted.PortName,
            Algorithm = options.Algorithm,
            UsesMaglev = options.UsesMaglev(wanted.Type),
            AffinitySeconds = options.AffinitySeconds,
            SourceRanges = options.SourceRanges(wanted.Address.IsIPv4),
            GuardsAddress = options.GuardsAddress(wanted),
            IsAtNode = inputs.Node.IsAtNode(wanted.Address, wanted.Type),
            Backends = selection.Backends,
            StaleTcp = entry.Plan!.Annotations.StaleTcp,
            UsableCount = selection.UsableCount,
            Redirects = RedirectResolver.Resolve(entry, wanted),
        };
    }
}
