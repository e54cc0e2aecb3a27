using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>The objects that the engines load: a release's, and those of today with a change.</summary>
internal static class ReleasedObjects
{
    /// <summary>Those of socket load balancing in a release.</summary>
    public static SocketLbObjects ServicesOf(string release) => new()
    {
        SocketLb = () => Releases.Read(release, "socket_lb"),
        StaleSockets = () => Releases.Read(release, "stale_sockets"),
        ConnectFallback = () => Releases.Read(release, "connect_fallback"),
    };

    /// <summary>Those of egress NAT in a release.</summary>
    public static MasqueradeObjects MasqueradeOf(string release) => new()
    {
        Masquerade = () => Releases.Read(release, "masquerade"),
        FlowSweep = () => Releases.Read(release, "flow_sweep"),
    };

    /// <summary>The same, each of them changed.</summary>
    public static SocketLbObjects With(this SocketLbObjects objects, Action<BpfObjectSpec> change) => new()
    {
        SocketLb = () => Changed(objects.SocketLb, change),
        StaleSockets = () => Changed(objects.StaleSockets, change),
        ConnectFallback = () => Changed(objects.ConnectFallback, change),
    };

    /// <summary>The same, each of them changed.</summary>
    public static MasqueradeObjects With(this MasqueradeObjects objects, Action<BpfObjectSpec> change) => new()
    {
        Masquerade = () => Changed(objects.Masquerade, change),
        FlowSweep = () => Changed(objects.FlowSweep, change),
    };

    /// <summary>Changes a map of an object, if the object has it.</summary>
    public static void ChangeMap(this BpfObjectSpec spec, string name, Action<MapSpec> change)
    {
        if (spec.Maps.TryGetValue(name, out var map))
            change(map);
    }

    private static BpfObjectSpec Changed(Func<BpfObjectSpec> read, Action<BpfObjectSpec> change)
    {
        var spec = read();
        change(spec);
        return spec;
    }
}
