namespace Datapath.Linux.Bpf;

/// <summary>Elements of an array that has a value for each CPU. Does not own the map.</summary>
/// <typeparam name="TValue">The value.</typeparam>
public sealed unsafe class BpfPerCpuArray<TValue>
    where TValue : unmanaged
{
    private readonly BpfMap _map;
    private readonly int _stride;

    internal BpfPerCpuArray(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.PerCpuArray, map.Info, "is no per-CPU array");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        _map = map;
        _stride = (int)(map.Info.ValueSize + 7) & ~7; // the kernel rounds each CPU's value up to 8 bytes
    }

    /// <summary>Copies an element's values out of the kernel, one for each possible CPU.</summary>
    /// <param name="index">The element.</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOENT"/> if there is no such element.</exception>
    public TValue[] Read(uint index)
    {
        var cpus = PossibleCpus.Count;
        var buffer = new byte[cpus * _stride];
        fixed (byte* data = buffer)
        {
            using var lease = _map.Handle.Lease();
            var attr = new MapElementAttr { MapFd = lease.Fd, Key = (ulong)(&index), ValueOrNextKey = (ulong)data };
            BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.MapLookupElem, ref attr), $"read element {index} of map '{_map.Info.Name}'");
            var values = new TValue[cpus];
            for (var i = 0; i < cpus; i++)
                values[i] = *(TValue*)(data + (i * _stride));
            return values;
        }
    }
}
