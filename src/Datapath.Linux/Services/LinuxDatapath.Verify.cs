using System.Collections.Immutable;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>
    /// What the kernel should hold for a state: what the socket hooks can serve of it. For <see cref="PinnedDatapath.Verify"/>, in this or another process.
    /// </summary>
    /// <param name="state">The state that was applied.</param>
    public DatapathExpectation Expect(DesiredState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var served = state.Services.Values
                .SelectMany(service => SocketView.Of(service, _pods, []))
                .Where(static f => FrontendRules.Check(f) is null)
                .DistinctBy(static f => f.Address)
                .OrderBy(static f => f.Address)
                .Select(static f => new ExpectedFrontend(f.Address, f.Type, BackendsOf(f))
                {
                    AffinitySeconds = f.AffinitySeconds,
                    IsHostOnly = f.IsHostOnly,
                    Passes = f.Passes,
                    FurtherSets = SetsOf(f),
                });
            return new([.. served], [.. _hooks.Links.Select(static l => l.Name)], _cgroup.Id) { Ranges = ExpectRanges(state) };
        }
    }

    /// <summary>Compares what the kernel holds with a state, entry by entry, and the links of the programs.</summary>
    /// <param name="state">The state that was applied.</param>
    /// <returns>The differences, frontends first, then ranges, in order. Empty: there are none.</returns>
    public ImmutableArray<KernelDifference> Verify(DesiredState state)
    {
        lock (_gate)
        {
            var expected = Expect(state);
            return
            [
                .. KernelComparison.OfFrontends(expected.Frontends, Read()),
                .. KernelComparison.OfRanges(expected.Ranges, ReadRanges()),
                .. KernelComparison.OfPrograms(expected, _hooks.Links.ToDictionary(static l => l.Name, static l => l.CgroupId)),
            ];
        }
    }

    private static ImmutableArray<Backend> BackendsOf(SocketFrontend frontend) => [.. frontend.Backends.OrderBy(static b => b.Address)];

    private static ImmutableArray<ExpectedSet> SetsOf(SocketFrontend frontend) =>
    [
        .. frontend.FurtherSets.Select(static set => new ExpectedSet(
            [.. set.Backends.Select(static b => b.Address).Order()], set.Passes, [.. set.Clients.OrderBy(static c => c.Value).Select(static c => c.ToString())])),
    ];
}
