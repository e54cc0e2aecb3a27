namespace Datapath.Linux.Bpf;

/// <summary>Makes the maps of an object, with the object's types loaded beside them.</summary>
internal sealed unsafe class BpfMapFactory : IDisposable
{
    /// <summary>Loads the types.</summary>
    public BpfMapFactory(BpfObjectSpec spec)
    {
        fixed (byte* data = spec.Btf)
        {
            var attr = new BtfLoadAttr { Btf = (ulong)data, BtfSize = (uint)spec.Btf.Length };
            BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.BtfLoad, ref attr, out var fd), LinuxCapabilities.Bpf, $"load {spec.Btf.Length} bytes of BTF");
            Btf = new SafeBpfHandle(fd);
        }
    }

    /// <summary>The types.</summary>
    public SafeBpfHandle Btf { get; }

    /// <summary>Makes a map.</summary>
    public BpfMap Create(MapSpec map) => BpfMap.Create(map, Btf, innerMap: null);

    /// <summary>Makes the map of a section of variables, filled; constants are frozen.</summary>
    public BpfMap Create(DataSectionSpec section)
    {
        var map = Create(new MapSpec
        {
            Name = section.Name,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = (uint)section.Content.Length,
            MaxEntries = 1,
            Flags = section.IsReadOnly ? MapFlags.ReadOnlyForPrograms : MapFlags.None,
        });
        try
        {
            map.UpdateRaw(0, section.Content);
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

    public void Dispose() => Btf.Dispose();
}
