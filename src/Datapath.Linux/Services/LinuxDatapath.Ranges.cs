using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>Reads back the ranges that the kernel holds, in the order of their addresses: a row of the kernel's for each range of ports of each prefix.</summary>
    public ImmutableArray<ProgrammedRange> ReadRanges()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return [.. _ranges4.Read(ReadSets).Concat(_ranges6.Read(ReadSets)).OrderBy(static range => new RangePlace(range))];
        }

        KernelSets ReadSets() => KernelSets.Read(_clients);
    }

    private ImmutableArray<ExpectedRange> ExpectRanges(DesiredState state)
    {
        var wanted = WantedOf(state.Services.Values.Select(static service => KeyValuePair.Create(service.Name, service.Ranges)), [])
            .DistinctBy(static range => new RangePlace(range.Range))
            .ToDictionary(static range => range.Range, static range => range.Frontend);
        List<FrontendRange> ranges = [.. wanted.Keys];
        _ = RangeRow.TakeOutUnfit(ranges, range => _ranges4.Has(range) || _ranges6.Has(range));
        return
        [
            .. RangeRow.Of(ranges)
                .SelectMany(row => row.Ports.Select(ports => Expected(row.Prefix, ports.First, ports.Last, wanted[ports.Range])))
                .OrderBy(static range => new RangePlace(range)),
        ];

        static ExpectedRange Expected(FrontendRange prefix, ushort first, ushort last, SocketFrontend frontend) =>
            new(prefix.Prefix, first, last, prefix.Protocol, BackendsOf(frontend)) { Passes = frontend.Passes, FurtherSets = SetsOf(frontend) };
    }

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
        var allowed = WantedOf(_ranges, failures).ToLookup(static range => range.Frontend.Address.IsIPv4);
        var changed = _ranges4.Set([.. allowed[true]], failures) + _ranges6.Set([.. allowed[false]], failures);
        _state.Set(StateFlags.HasRanges, _ranges4.Count + _ranges6.Count > 0);
        return changed;
    }

    /// <summary>The ranges that can be served, with what dials to them see.</summary>
    private List<WantedRange> WantedOf(IEnumerable<KeyValuePair<ServiceName, ImmutableArray<FrontendRange>>> services, ICollection<ApplyFailure> failures)
    {
        var served = new List<WantedRange>();
        foreach (var (service, ranges) in services)
        {
            foreach (var range in ranges)
            {
                var wanted = Wanted(service, range, failures);
                if (IsAllowed(wanted, failures))
                    served.Add(wanted);
            }
        }

        return served;
    }

    // A range has no backends but those of its redirects: who has no redirect goes to the address itself.
    private WantedRange Wanted(ServiceName service, FrontendRange range, ICollection<ApplyFailure> failures)
    {
        var frontend = new Frontend
        {
            Address = new(range.Prefix.BaseAddress, range.FirstPort, range.Protocol),
            Type = FrontendType.LocalRedirect,
            Redirects = range.Redirects,
        };
        var resolved = ClientSets.Resolve(frontend, _pods, isRange: true, out var missing);
        var wanted = new WantedRange(service, range, resolved);
        foreach (var (policy, reason) in missing)
            failures.Add(wanted.Fail(reason, isTransient: true) with { Policy = policy });
        return wanted;
    }

    private static bool IsAllowed(WantedRange range, ICollection<ApplyFailure> failures)
    {
        if (FrontendRules.CheckRange(range) is not { } reason)
            return true;
        failures.Add(range.Fail(reason, isTransient: false));
        return false;
    }
}
