namespace Datapath.Policy;

/// <summary>The results of health checks.</summary>
internal sealed class HealthTable
{
    private readonly Dictionary<(ServiceName, L4Address), bool> _results = [];

    /// <summary>Takes a result in.</summary>
    /// <returns>Whether it differs from the one before.</returns>
    public bool Set(HealthResult result)
    {
        var key = (result.Service, result.Backend);
        if (result.IsHealthy is not { } isHealthy)
            return _results.Remove(key);
        if (_results.TryGetValue(key, out var before) && before == isHealthy)
            return false;
        _results[key] = isHealthy;
        return true;
    }

    /// <summary>The backend as its health makes it; <see langword="null"/> if it must not be used before there is a result.</summary>
    public Backend? Judge(ServiceName service, Backend backend)
    {
        if (!_results.TryGetValue((service, backend.Address), out var isHealthy))
            return backend.State is BackendState.Active ? null : backend;
        return isHealthy ? backend : backend with { IsUnhealthy = true };
    }
}
