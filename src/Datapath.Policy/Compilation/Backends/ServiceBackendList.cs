using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>All backends of a service, whatever its frontends make of them.</summary>
internal static class ServiceBackendList
{
    public static ImmutableArray<NamedBackend> Of(ServiceEntry entry, CompilerInputs inputs)
    {
        var candidates = new CandidateMerger();
        candidates.Load(entry.Slices);
        var health = entry.Plan is { } plan ? BackendRules.Of(plan, inputs.Node, inputs.Health).Health : null;
        var backends = ImmutableArray.CreateBuilder<NamedBackend>();
        var groups = new CandidateGroups(candidates.Merged);
        while (groups.TryNext(out var same))
        {
            var backend = same[0].Backend;
            if (inputs.Node.Wants(backend.Address.IsIPv4))
                backends.Add(new(health?.Judge(entry.Name, backend) ?? backend, NamesOf(same)));
        }

        return backends.DrainToImmutable();
    }

    private static ImmutableArray<string> NamesOf(ReadOnlySpan<Candidate> same)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var candidate in same)
        {
            if (candidate.PortName.Length > 0)
                names.Add(candidate.PortName);
        }

        return [.. names];
    }
}
