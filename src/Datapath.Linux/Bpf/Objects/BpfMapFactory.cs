namespace Datapath.Linux.Bpf;

/// <summary>Makes the maps of an object, with the object's types loaded beside them.</summary>
internal sealed class BpfMapFactory : IDisposable
{
    /// <summary>Loads the types.</summary>
    public BpfMapFactory(BpfObjectSpec spec) => Btf = BtfLoader.Load(spec.Btf);

    /// <summary>The types.</summary>
    public SafeBpfHandle Btf { get; }

    /// <summary>Makes a map.</summary>
    public BpfMap Create(MapSpec map) => BpfMap.Create(map, Btf, innerMap: null);

    /// <summary>Makes the map of a section of variables, filled; constants are frozen.</summary>
    /// <param name="section">The section.</param>
    /// <param name="content">What its variables are.</param>
    public BpfMap Create(DataSectionSpec section, ReadOnlySpan<byte> content)
    {
        var map = CreateEmpty(section);
        try
        {
            map.UpdateRaw(0, content);
            if (section.IsReadOnly)
                map.Freeze(); // from here the verifier takes the values for constants
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private BpfMap CreateEmpty(DataSectionSpec section)
    {
        var spec = new MapSpec
        {
            Name = section.Name,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = (uint)section.Content.Length,
            MaxEntries = 1,
            Flags = MapFlags.Mappable | (section.IsReadOnly ? MapFlags.ReadOnlyForPrograms : MapFlags.None),
            IsDataSection = true,
        };
        spec.ValueTypeId = section.TypeId;
        try
        {
            return Create(spec);
        }
        catch (FeatureNotSupportedException) when (!BpfFeature.MappableArray.IsSupported)
        {
            spec.Flags &= ~MapFlags.Mappable; // all works but the sharing of variables
            return Create(spec);
        }
    }

    public void Dispose() => Btf.Dispose();
}
