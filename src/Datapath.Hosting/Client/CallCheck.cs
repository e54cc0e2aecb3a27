using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Refuses calls whose values cannot be right before they change anything: what was in force stays so.</summary>
internal static class CallCheck
{
    /// <summary>Looks at an object that a call makes.</summary>
    /// <exception cref="NotInForceException">It has mistakes.</exception>
    public static void ThrowIfRefused(KubernetesObject item) => Throw([PolicyCompiler.Check(item)]);

    /// <summary>Looks at a service that a call makes, with its backends.</summary>
    /// <exception cref="NotInForceException">Some have mistakes.</exception>
    public static void ThrowIfRefused(ServiceObjects service) => Throw(MistakesOf(service));

    /// <summary>Looks at backends that a call gives to a service.</summary>
    /// <exception cref="NotInForceException">Some have mistakes.</exception>
    public static void ThrowIfRefused(ServiceName service, params IEnumerable<ServiceBackend> backends) =>
        Throw(backends.Select(backend => PolicyCompiler.Check(service, backend)));

    /// <summary>What cannot be right of a service that a call makes, with its backends.</summary>
    public static IEnumerable<ObjectStatus> MistakesOf(ServiceObjects service) =>
        Refused(service.Backends.Select(backend => PolicyCompiler.Check(service.Name, backend)).Prepend(PolicyCompiler.Check(service.Service)));

    private static IEnumerable<ObjectStatus> Refused(IEnumerable<ObjectStatus> statuses) => statuses.Where(static status => status.Condition is ObjectCondition.Rejected);

    private static void Throw(IEnumerable<ObjectStatus> statuses)
    {
        EntryResult[] refused = [.. Refused(statuses).Select(static status => new EntryResult(status.Object, status, []))];
        if (refused.Length > 0)
            throw new NotInForceException([.. refused]);
    }
}
