using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>How it is. Changes do not wait while the clients of session affinity are counted, which takes longest.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LinuxDatapathStatus GetStatus()
    {
        BpfMap affinity;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            affinity = _object.Maps[SocketLbObject.Affinity];
        }

        // A datapath that is disposed meanwhile has its descriptor closed only between two calls, and the next one says so.
        var sticky = affinity.AsHash<AffinityKey, AffinityValue>().CountAll();
        var canEnd = CanProgramsEndSockets();
        var others = FindOthers();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return new(
                _cgroup.Path,
                _hooks.Count,
                StatusOf(_ipv4, SocketLbObject.Frontends4),
                StatusOf(_ipv6, SocketLbObject.Frontends6),
                ReadCounters())
            {
                IsHostNamespaceOnly = _scanner.OnlyNamespace is not null,
                StickyClients = sticky,
                MaxStickyClients = (int)affinity.Info.MaxEntries,
                Features = FeatureList.Of(new(_options, _cgroup.Path)
                {
                    Hooks = _hooks.Count,
                    HookFault = HookFaults.Find(_cgroup, _hooks),
                    DetachedBindPrograms = [.. _hooks.Links.Where(static link => link.CgroupId == 0 && SocketLbObject.BindPrograms.Contains(link.Name)).Select(static link => link.Name)],
                    Traits = CountTraits(),
                    Policies = _policies.Values.SelectMany(static policies => policies).Select(static p => p.Policy).Distinct().Count(),
                    UnappliedPolicies = _policies.Values.SelectMany(static policies => policies).Where(static p => !p.IsApplied).Select(static p => p.Policy).Distinct().Count(),
                    IsAdopted = _hasPredecessor,
                    StickyClients = sticky,
                    ExemptPods = _pods.Pods.Count(static pod => pod.IsExempt),
                    MissingExemptPods = _missingExemptPods,
                    CanProgramsEndSockets = canEnd,
                    ScanFailure = _scanner.Failure,
                    Listener = TraceLease.ListenerOf(_object.Maps[SocketLbObject.Trace]),
                    PinFaults = FindPinFaults(),
                    Others = others,
                }),
            };
        }
    }

    // Outside the lock: it is a walk over the links of the machine.
    private ImmutableArray<OtherDatapath> FindOthers()
    {
        HashSet<uint> own;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            own = [.. _hooks.Links.Select(static link => link.Info.Id)];
        }

        return OtherDatapaths.Find(_cgroup, own) ?? [];
    }

    private static bool? CanProgramsEndSockets()
    {
        try
        {
            return StaleSocketPrograms.CanEndSockets;
        }
        catch (Exception e) when (e is LinuxException or InvalidBpfObjectException)
        {
            return null; // without the kernel's types nothing can be said, and no iterator be loaded
        }
    }

    private TraitCounts CountTraits()
    {
        (L4Address Address, FrontendTraits Traits)[] frontends = [.. _ipv4.Traits, .. _ipv6.Traits];
        FrontendTraits[] all = [.. frontends.Select(static f => f.Traits), .. _ranges4.Traits, .. _ranges6.Traits];
        return new(
            all.Count(static traits => traits.AffinitySeconds > 0),
            With(HeaderFlags.FallsBack),
            With(HeaderFlags.HasClients),
            With(HeaderFlags.HasCgroups),
            frontends.Count(static f => f.Address.IsUnspecified));

        int With(HeaderFlags flag) => all.Count(traits => (traits.Flags & flag) != 0);
    }

    private TableStatus StatusOf(IFrontendTable table, string frontends) => new(
        table.Count,
        (int)_object.Maps[frontends].Info.MaxEntries,
        table.Allocator.Used,
        table.Allocator.Most)
    {
        RetiredSlots = table.Allocator.Retired,
    };
}
