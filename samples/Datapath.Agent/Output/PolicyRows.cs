using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>Makes rows of redirect policies.</summary>
internal static class PolicyRows
{
    /// <summary>All policies, also those without effect.</summary>
    public static IReadOnlyList<PolicyRow> Of(DesiredState state, IEnumerable<ObjectStatus> statuses, IEnumerable<ApplyFailure> failures)
    {
        var frontends = Frontends(state).ToLookup(static item => (item.Policy.Namespace, NameOf(item.Policy)), static item => item.Frontend);
        var errors = failures.Where(static f => f.Policy is not null).ToLookup(static f => (f.Policy!.Value.Namespace, NameOf(f.Policy.Value)), static f => f.Reason);
        return
        [
            .. statuses.Where(static s => s.Object.Kind is ObjectKind.CiliumLocalRedirectPolicy or ObjectKind.ClusterLocalRedirectPolicy)
                .OrderBy(static s => s.Object)
                .Select(s => Row(s, frontends[(s.Object.Namespace, s.Object.Name)], errors[(s.Object.Namespace, s.Object.Name)].FirstOrDefault())),
        ];
    }

    private static PolicyRow Row(ObjectStatus status, IEnumerable<string> frontends, string? error) => new(
        status.Object.Namespace.Length == 0 ? status.Object.Name : $"{status.Object.Namespace}/{status.Object.Name}",
        status.Object.Kind.ToString(),
        status.Condition.ToString(),
        [.. frontends.Distinct().Order(StringComparer.Ordinal)],
        status.Message)
    {
        Error = error,
    };

    private static IEnumerable<(ServiceName Policy, string Frontend)> Frontends(DesiredState state)
    {
        foreach (var service in state.Services.Values)
        {
            foreach (var frontend in service.Frontends)
            {
                foreach (var redirect in frontend.Redirects)
                    yield return (redirect.Policy, frontend.Address.ToString());
            }

            foreach (var range in service.Ranges)
            {
                foreach (var redirect in range.Redirects)
                    yield return (redirect.Policy, range.ToString());
            }
        }
    }

    /// <summary>The name of the policy: what its name as a service has before the colon.</summary>
    private static string NameOf(ServiceName policy) => policy.Name.Split(':')[0];
}
