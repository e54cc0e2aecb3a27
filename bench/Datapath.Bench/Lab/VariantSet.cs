namespace Datapath.Bench.Lab;

/// <summary>The variants of a benchmark and the cgroups that they serve, removed together.</summary>
internal sealed class VariantSet : IDisposable
{
    private readonly List<IVariant> _variants = [];

    public BenchCgroups Cgroups { get; } = new();

    /// <summary>Takes a variant over.</summary>
    public IVariant Keep(IVariant variant)
    {
        _variants.Add(variant);
        return variant;
    }

    public void Dispose()
    {
        foreach (var variant in _variants)
            variant.Dispose();
        Cgroups.Dispose();
    }
}
