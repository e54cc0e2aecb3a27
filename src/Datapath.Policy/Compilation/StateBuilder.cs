namespace Datapath.Policy;

/// <summary>
/// The desired state, kept as an immutable state and what changed since: most users follow the change sets and never ask for all of it.
/// </summary>
internal sealed class StateBuilder
{
    private readonly Dictionary<ServiceName, DesiredService?> _pending = [];
    private DesiredState _state = DesiredState.Empty;

    public DesiredState Current
    {
        get
        {
            if (_pending.Count == 0)
                return _state;
            var services = _state.Services.ToBuilder();
            foreach (var (name, service) in _pending)
            {
                if (service is null)
                    services.Remove(name);
                else
                    services[name] = service;
            }

            _pending.Clear();
            return _state = new(services.ToImmutable());
        }
    }

    public void Set(ServiceName name, DesiredService? service) => _pending[name] = service;
}
