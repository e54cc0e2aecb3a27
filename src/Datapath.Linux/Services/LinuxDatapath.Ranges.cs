using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>Brings the ranges of all services in, if some service has any: what lies inside several of them depends on all.</summary>
    private int SetRanges(ImmutableArray<DesiredService> upserted, ImmutableArray<ServiceName> gone, bool isWhole, ImmutableArray<ApplyFailure>.Builder failures)
    {
        var isConcerned = isWhole || upserted.Any(service => !service.Ranges.IsEmpty || _ranges.ContainsKey(service.Name)) || gone.Any(_ranges.ContainsKey);
        foreach (var service in upserted)
        {
            if (service.Ranges.IsEmpty)
                _ = _ranges.Remove(service.Name);
            else
                _ranges[service.Name] = service.Ranges;
        }

        foreach (var service in gone)
            _ = _ranges.Remove(service);
        if (!isConcerned)
            return 0;
        var wanted = _ranges.SelectMany(service => service.Value.Select(range => Wanted(service.Key, range, failures))).ToArray();
        var allowed = wanted.Where(range => IsAllowed(range, failures)).ToLookup(static range => range.Frontend.Address.IsIPv4);
        var changed = _ranges4.Set([.. allowed[true]], failures) + _ranges6.Set([.. allowed[false]], failures);
        _state.Set(StateFlags.HasRanges, _ranges4.Count + _ranges6.Count > 0);
        return changed;
    }

    // A range has no backends but those of its redirects: who has no redirect goes to the address itself.
    private WantedRange Wanted(ServiceName service, FrontendRange range, ImmutableArray<ApplyFailure>.Builder failures)
    {
        var frontend = new Frontend
        {
            Address = new(range.Prefix.BaseAddress, range.FirstPort, range.Protocol),
            Type = FrontendType.LocalRedirect,
            Redirects = range.Redirects,
        };
        var resolved = ClientSets.Resolve(frontend, _pods, isRange: true, out var missing);
        foreach (var reason in missing)
            failures.Add(new(service, frontend.Address, $"range {range}: {reason}", IsTransient: true));
        return new(service, range, resolved);
    }

    private static bool IsAllowed(WantedRange range, ImmutableArray<ApplyFailure>.Builder failures)
    {
        if (FrontendRules.CheckRange(range) is not { } reason)
            return true;
        failures.Add(new(range.Service, range.Frontend.Address, $"range {range.Range}: {reason}", IsTransient: false));
        return false;
    }
}
