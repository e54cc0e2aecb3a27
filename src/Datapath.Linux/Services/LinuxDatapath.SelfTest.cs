using System.Collections.Immutable;
using System.Net.Sockets;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>What was at the cgroup already, with nobody to manage it: programs attached earlier go first, so dials follow what it was told last.</summary>
    private ImmutableArray<OtherDatapath> Left { get; init; } = [];

    private static readonly ServiceName s_probe = new("datapath", "self-test");

    /// <inheritdoc/>
    public ImmutableArray<string> FindFaults()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            IEnumerable<string> ofHooks = HookFaults.Find(_cgroup, _hooks) is { } fault ? [fault] : [];
            return [.. ofHooks, .. FindPinFaults(), .. Left.Where(OtherDatapaths.IsStillLeft).Select(other => $"cgroup '{_cgroup.Path}': {other}")];
        }
    }

    /// <inheritdoc/>
    public string? FindOutage()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return HookFaults.Find(_cgroup, _hooks);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LinuxException">The kernel has no room for it: the instances or watches of inotify(7) are used up.</exception>
    public IDisposable WatchForFaults(Action suspected)
    {
        ArgumentNullException.ThrowIfNull(suspected);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return new FaultSigns(_cgroup, _pins, suspected);
        }
    }

    /// <summary>
    /// Tries out whether the programs are effective: dials an address of their own, which is served for that moment only, from a thread of this process; and
    /// looks whether the processes of the machine are in cgroups for which the programs run. If this process is not below the cgroup, it cannot dial. The dials
    /// are counted among those that were refused for want of backends.
    /// </summary>
    public SelfTestResult SelfTest()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var faults = ImmutableArray.CreateBuilder<string>();
            if (HookFaults.Find(_cgroup, _hooks) is not null)
                return new(false, FindFaults());
            var cgroups = ServedCgroups.Find(_cgroup);
            faults.AddRange(cgroups.FindDisplaced(_hooks));
            if (IsMeantForAll && !cgroups.Outside.IsEmpty)
            {
                faults.Add($"processes in {cgroups.Outside.Length} cgroups are not below '{_cgroup.Path}', for example in '{cgroups.Outside[0]}': "
                    + "the mount shows a part of the hierarchy only; in a container, mount the host's cgroup2 and set cgroupRoot to it");
            }

            if (cgroups.Own is { } own)
                return new(faults.Count == 0 ? null : false, [.. faults, $"this process, in cgroup '{own}', is not below '{_cgroup.Path}' and cannot dial"]);
            var untested = DialProbes(faults);
            return new(faults.Count == 0 ? untested.IsEmpty ? true : null : false, [.. faults, .. untested]);
        }
    }

    private ImmutableArray<string> FindPinFaults()
    {
        var pinned = _object.Maps.Where(static m => !m.Key.StartsWith('.')); // those with a dot are sections of variables
        return _pins is null ? [] : [.. PinFaults.Find(_pins, pinned, _hooks.Links.Select(static link => (link.Name, (BpfLink)link)))];
    }

    /// <summary>Whether the cgroup is at a mount point: who serves that means to serve the machine.</summary>
    private bool IsMeantForAll => MountInfo.ReadCurrent().Any(m => m.FileSystemType is "cgroup2" && m.MountPoint == _cgroup.Path);

    /// <summary>Dials both families. What cannot be dialed is returned, what fails is added to <paramref name="faults"/>.</summary>
    private ImmutableArray<string> DialProbes(ImmutableArray<string>.Builder faults)
    {
        // A namespace that nobody serves would tell nothing.
        using var @namespace = _scanner.OnlyNamespace is null ? NetworkNamespace.Create(new() { LoopbackUp = false }) : NetworkNamespace.Open(_hostNamespace);
        var untested = ImmutableArray.CreateBuilder<string>();
        foreach (var address in new[] { ProbeDial.IPv4, ProbeDial.IPv6 })
        {
            if (!address.IsIPv4 && !Socket.OSSupportsIPv6)
                continue;
            if (_owners.TryGetOwner(address, out var owner))
            {
                untested.Add($"service {owner} has the address of the self-test, {address}");
                continue;
            }

            var table = TableOf(address);
            var failures = new List<ApplyFailure>();
            if (table.Stage(s_probe, new(address, FrontendType.ClusterIP, []), settlesForLess: false) is { } failure)
                failures.Add(failure);
            _ = table.Flush(failures);
            try
            {
                if (failures is [var first, ..])
                    untested.Add($"no room for the address of the self-test, {address}: {first.Reason}");
                else if (ProbeDial.Fault(address, @namespace, _noBackend) is { } fault)
                    faults.Add(fault);
            }
            finally
            {
                _ = table.Remove(address);
            }
        }

        return untested.ToImmutable();
    }
}
