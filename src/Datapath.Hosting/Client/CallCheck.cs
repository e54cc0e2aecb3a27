using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Refuses calls whose values cannot be right before they change anything: what was in force stays so.</summary>
internal static class CallCheck
{
    /// <summary>Looks at the objects that a call makes.</summary>
    /// <exception cref="NotInForceException">Some have mistakes.</exception>
    public static void ThrowIfRefused(params IEnumerable<KubernetesObject> objects) => Throw(objects.Select(PolicyCompiler.Check));

    /// <summary>Looks at backends that a call gives to a service.</summary>
    /// <exception cref="NotInForceException">Some have mistakes.</exception>
    public static void ThrowIfRefused(ServiceName service, params IEnumerable<ServiceBackend> backends)
    {
        var key = new ObjectKey(ObjectKind.Service, service.Namespace, service.Name);
        Throw(
            from backend in backends
            from slice in new ServiceObjects(new ServiceBuilder(service.Namespace, service.Name).Backend(backend)).All.OfType<EndpointSlice>()
            let status = PolicyCompiler.Check(slice)
            select status with { Object = key, Message = $"backend '{backend.Address}': {status.Message}" });
    }

    private static void Throw(IEnumerable<ObjectStatus> statuses)
    {
        EntryResult[] refused = [.. statuses.Where(static status => status.Condition is ObjectCondition.Rejected).Select(static status => new EntryResult(status.Object, status, []))];
        if (refused.Length > 0)
            throw new NotInForceException([.. refused]);
    }
}
