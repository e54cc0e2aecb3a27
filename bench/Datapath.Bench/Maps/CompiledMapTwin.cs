using Datapath.Bench.Twins;

namespace Datapath.Bench.Maps;

/// <summary>The loops of maps.c.</summary>
internal sealed unsafe class CompiledMapTwin(CompiledTwin twin) : IMapTwin
{
    private readonly delegate* unmanaged<int, int, void*, nuint, void*, nuint, nint, nint> _each =
        (delegate* unmanaged<int, int, void*, nuint, void*, nuint, nint, nint>)twin.Function("twin_each");

    private readonly delegate* unmanaged<int, int, void*, void*, nint, nint> _write =
        (delegate* unmanaged<int, int, void*, void*, nint, nint>)twin.Function("twin_write");

    private readonly delegate* unmanaged<int, void*, nuint, void*, nuint, nint, nint, nint> _read =
        (delegate* unmanaged<int, void*, nuint, void*, nuint, nint, nint, nint>)twin.Function("twin_read");

    private readonly delegate* unmanaged<int, nuint, nuint, nint, nint> _list = (delegate* unmanaged<int, nuint, nuint, nint, nint>)twin.Function("twin_list");

    private readonly delegate* unmanaged<int, void*, nuint, nint, nint> _walk =
        (delegate* unmanaged<int, void*, nuint, nint, nint>)twin.Function("twin_walk");

    private readonly delegate* unmanaged<Slot*, nint, ulong, nint> _fill = (delegate* unmanaged<Slot*, nint, ulong, nint>)twin.Function("twin_fill");

    public string Language { get; } = $"C ({twin.Compiler} -O2)";

    public void Each(int fd, int command, void* keys, int keyStep, void* values, int valueStep, int count) =>
        IMapTwin.Check(_each(fd, command, keys, (nuint)keyStep, values, (nuint)valueStep, count), count, $"command {command}");

    public void Write(int fd, int command, void* keys, void* values, int count) =>
        IMapTwin.Check(_write(fd, command, keys, values, count), count, $"command {command}");

    public void Read(int fd, void* keys, int keySize, void* values, int valueSize, int count, int portion) =>
        IMapTwin.Check(_read(fd, keys, (nuint)keySize, values, (nuint)valueSize, count, portion), count, "read all");

    public void List(int fd, int count, int portion) =>
        IMapTwin.Check(_list(fd, (nuint)sizeof(MapKey), (nuint)sizeof(MapValue), portion), count, "list all");

    public void Walk(int fd, void* keys, int keySize, int count) => IMapTwin.Check(_walk(fd, keys, (nuint)keySize, count), count, "walk");

    public void Fill(Slot* slots, int count, ulong value) => IMapTwin.Check(_fill(slots, count, value), count, "fill");
}
