using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;

namespace Datapath.Hosting;

/// <summary>Checks what depends on the machine, which tools that read the configuration elsewhere cannot tell. Of paths that are none the other checks tell.</summary>
internal static class MachineCheck
{
    private const string Cgroup2 = "must be a cgroup v2 that can be opened";
    private const string Namespace = "must be a network namespace that can be opened";

    public static IEnumerable<string> Check(DatapathOptions options)
    {
        IEnumerable<(string Key, string? Path, string Rule, Action<string> Open)> looks =
        [
            ("hostNetworkNamespace", options.HostNetworkNamespace, Namespace, OpenNamespace),
            .. options.EnableServices ? Services(options) : [],
        ];
        return [.. looks.Select(static look => Look(look.Key, look.Path, look.Rule, look.Open)).Prepend(OfPins(options)).OfType<string>()];
    }

    // Pins are there for what is pinned alone; nftables has none.
    private static string? OfPins(DatapathOptions options)
    {
        var hasPins = options.Lifetime is DatapathLifetime.Pinned && (options.EnableServices || options.Masquerade is { Enabled: true, Engine: MasqueradeEngine.Ebpf });
        return !hasPins || OptionWords.OfPath("bpfRoot", options.BpfRoot) is not null || BpfFileSystem.CanContain(options.BpfRoot)
            ? null
            : $"bpfRoot: '{options.BpfRoot}' must be a folder on a bpf filesystem: choose one below {BpfFileSystem.DefaultMountPoint}, for example '{BpfFileSystem.DefaultMountPoint}/datapath', or set lifetime to process";
    }

    private static IEnumerable<(string Key, string? Path, string Rule, Action<string> Open)> Services(DatapathOptions options) =>
    [
        ("cgroupRoot", options.CgroupRoot, Cgroup2, OpenCgroup),
        .. options.SocketLb.ExemptCgroups.Select(static (path, index) => ($"socketLB:exemptCgroups:{index}", (string?)path, Cgroup2, (Action<string>)OpenCgroup)),
        .. options.SocketLb.ExemptNetworkNamespaces.Select(static (path, index) => ($"socketLB:exemptNetworkNamespaces:{index}", (string?)path, Namespace, (Action<string>)OpenNamespace)),
    ];

    private static string? Look(string key, string? path, string rule, Action<string> open)
    {
        if (path is null || OptionWords.OfPath(key, path) is not null)
            return null;
        try
        {
            open(path);
            return null;
        }
        catch (LinuxException e)
        {
            return $"{key}: '{path}' {rule}: {e.Message}";
        }
    }

    private static void OpenCgroup(string path) => _ = Cgroup.Open(path);

    private static void OpenNamespace(string path) => NetworkNamespace.Open(path).Dispose();
}
