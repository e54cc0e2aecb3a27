using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Bench.Lab;

/// <summary>The programs of one of the benchmark's own objects: those that do nothing, and the floor.</summary>
internal sealed class ObjectVariant : IVariant
{
    private readonly string _name;
    private readonly BpfObject _object;
    private readonly List<CgroupLink> _links = [];

    private ObjectVariant(string name, Cgroup cgroup)
    {
        (_name, Cgroup) = (name, cgroup);
        _object = BpfObject.Load(BpfObjectSpec.Parse(Resource.Read($"{name}.bpf.o")));
        try
        {
            foreach (var program in _object.Programs.Values)
                _links.Add(CgroupLink.Attach(program, cgroup));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Cgroup Cgroup { get; }

    public static ObjectVariant Empty(BenchCgroups cgroups) => new("empty", cgroups.Create("empty"));

    public static ObjectVariant Floor(BenchCgroups cgroups, ServiceSet services)
    {
        var variant = new ObjectVariant("floor", cgroups.Create($"floor-{services.Count}"));
        var services4 = variant._object.Maps["floor_services4"].AsHash<FloorKey4, FloorValue4>();
        var services6 = variant._object.Maps["floor_services6"].AsHash<FloorKey6, FloorValue6>();
        var backends4 = variant._object.Maps["floor_backends4"].AsHash<FloorKey4, FloorBackend4>();
        foreach (var (_, frontend) in services.Frontends())
        {
            if (!frontend.Address.IsIPv4)
            {
                services6.Set(FloorKey6.Of(frontend.Address), FloorValue6.Of(frontend));
                continue;
            }

            services4.Set(FloorKey4.Of(frontend.Address), FloorValue4.Of(frontend));
            foreach (var backend in frontend.Backends)
                _ = backends4.TryAdd(FloorKey4.Of(backend.Address), FloorBackend4.Of(frontend.Address));
        }

        return variant;
    }

    public BpfRunStatistics? Read(string hook) => _object.Programs.TryGetValue($"{_name}_{hook}", out var program) ? program.Statistics : null;

    public void Dispose()
    {
        foreach (var link in _links)
            link.Dispose();
        _object.Dispose();
    }
}
