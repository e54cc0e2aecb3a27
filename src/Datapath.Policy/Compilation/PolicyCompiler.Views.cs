using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A service, also one that stands for something else, and all its backends.</summary>
internal sealed record ServiceBackends(ServiceName Service, ImmutableArray<NamedBackend> Backends);

/// <summary>A policy that is in force.</summary>
internal sealed record AcceptedRedirect(KubernetesObject Policy, ServiceName PseudoService, ImmutableArray<PodName> SkippedPods);

/// <content>What listings show beside the state.</content>
public sealed partial class PolicyCompiler
{
    /// <summary>The node's configuration, completed by its object.</summary>
    internal NodeConfiguration EffectiveNode => _inputs.Node.Configuration;

    internal CompilerInputs Inputs => _inputs;

    /// <summary>The valid services that are in the state.</summary>
    internal IEnumerable<Service> ValidServices =>
        _inputs.Services.Values.Where(static entry => entry.Compiled is not null).Select(static entry => entry.Plan!.Service);

    internal IEnumerable<AcceptedRedirect> AcceptedRedirects =>
        _inputs.Redirects.Entries.Values.Where(static entry => entry.Plan is not null)
            .Select(static entry => new AcceptedRedirect(entry.Policy!, entry.Name, entry.Selection.SkippedPods));

    /// <summary>The backends of all services, whether or not the service exists.</summary>
    internal IEnumerable<ServiceBackends> BackendsByService
    {
        get
        {
            foreach (var entry in _inputs.Services.Values)
            {
                if (entry.Slices.Count > 0)
                    yield return new(entry.Name, ServiceBackendList.Of(entry, _inputs));
            }

            foreach (var port in _inputs.LocalPods.All.SelectMany(static pod => pod.HostPorts))
            {
                yield return new(port.Name, [.. port.Frontends.SelectMany(static frontend => frontend.Backends).Distinct().Select(static backend => new NamedBackend(backend, []))]);
            }

            foreach (var entry in _inputs.Redirects.Entries.Values)
            {
                if (entry.Plan is not null)
                    yield return new(entry.Name, entry.Selection.Backends);
            }
        }
    }
}
